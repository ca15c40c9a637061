import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../../src/core/clock.ts';
import { memoryTransport, type Respond } from '../../src/testing/memory-transport.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { attemptEvent } from '../fixtures/events.ts';
import { batchOf } from './fixtures.ts';
import { resultsOf } from './read-results.ts';
import { memoryStore, openStage } from './stage.ts';

const json = ['content-type', 'application/json'];
const overloaded = '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}';
const message = '{"type":"message","content":[]}';

/** An upstream that ends each request after a time, and counts them. */
function countingUpstream(clock: Clock, afterMs: number, end: (respond: Respond) => void) {
  let sent = 0;
  const transport = memoryTransport({
    clock,
    upstream: (_, respond) => {
      sent++;
      clock.after(afterMs, () => end(respond));
    },
  });
  return { transport, sent: () => sent };
}

test('an exhausted call that asked for it is queued, and answered after the outage', async (t) => {
  const clock = new VirtualClock();
  let up = false;
  const bodies: string[] = [];
  const transport = memoryTransport({
    clock,
    upstream: (request, respond) => {
      if (!up) return respond.answer(529, json, overloaded);
      bodies.push(Buffer.from(request.body as Uint8Array).toString());
      clock.after(500, () => respond.answer(200, json, message));
    },
  });
  const { queue, send } = await openStage(t, { clock, transport });
  const body = '{"model":"claude-opus-5-5","max_tokens":100,"stream":true,"messages":[]}';
  const { call, reply } = send(['ridethrough-deadline', '20', 'ridethrough-on-exhaustion', 'queue'], { body });
  await clock.advance(25_000);
  assert.equal(reply.status, 529);
  const id = `msgbatch_rt_${call.id}`;
  assert.equal(reply.header('ridethrough-queued'), id);
  assert.equal(reply.header('x-should-retry'), 'false');
  assert.equal((await queue.desk.batch(id, 'local'))?.counts.processing, 1);
  await clock.advance(600_000);
  up = true;
  await clock.advance(120_000);
  const view = await queue.desk.batch(id, 'local');
  assert.equal(view?.counts.succeeded, 1);
  assert.deepEqual(bodies, ['{"model":"claude-opus-5-5","max_tokens":100,"messages":[]}']);

  assert.deepEqual(await resultsOf(queue.desk, id, 'local'), [
    { customId: call.id, result: `{"type":"succeeded","message":${message}}` },
  ]);
  await queue.stop();
  assert.equal(clock.pendingTimers, 0);
});

for (const [answerMs, state, unsure] of [
  [10_000, 'succeeded', 0],
  [60_000, 'waiting', 1],
] as const) {
  test(`a gateway that stops waits for an answer of ${answerMs / 1000} s as long as it may, and leaves nothing leased`, async (t) => {
    const clock = new VirtualClock();
    const transport = memoryTransport({
      clock,
      upstream: (_, respond) => {
        const timer = clock.after(answerMs, () => respond.answer(200, json, message));
        respond.onAbort(() => clock.cancel(timer));
      },
    });
    const { queue, store } = await openStage(t, { clock, transport });
    await queue.desk.put(batchOf('b', ['i', 'j']));
    await clock.advance(500);
    const stopped = queue.stop();
    await clock.advance(40_000);
    await stopped;
    const rows = await store.read({ sql: 'SELECT state, unsure, owner FROM queue_items ORDER BY id', values: [] });
    assert.deepEqual(
      rows.map((row) => ({ ...row })),
      [
        { state, unsure, owner: null },
        { state: 'waiting', unsure: 0, owner: null },
      ],
    );
    assert.equal(clock.pendingTimers, 0);
  });
}

test('where lost answers are quarantined, a request that broke is not sent again by anybody', async (t) => {
  const clock = new VirtualClock();
  const { transport, sent } = countingUpstream(clock, 100, (respond) => respond.fail('ECONNRESET'));
  const { queue, store } = await openStage(t, { clock, transport, settings: { unsure: 'quarantine' } });
  await queue.desk.put(batchOf('b', ['i']));
  await clock.advance(3_600_000);
  const [row] = await store.read({ sql: 'SELECT state, unsure FROM queue_items', values: [] });
  assert.deepEqual([{ ...row }, sent()], [{ state: 'quarantined', unsure: 1 }, 1]);
  await clock.advance(86_400_000);
  const view = await queue.desk.batch('b', 'local');
  assert.equal(view?.counts.errored, 1);
  await queue.stop();
});

test('a request that always fails while its route is open to others is given up after its attempts', async (t) => {
  const clock = new VirtualClock();
  const transport = memoryTransport({
    clock,
    upstream: (request, respond) => {
      const isPoison = Buffer.from(request.body as Uint8Array).includes('poison');
      if (isPoison) respond.answer(500, json, '{"type":"error","error":{"type":"api_error","message":"no"}}');
      else respond.answer(200, json, message);
    },
  });
  const { queue, send } = await openStage(t, { clock, transport, settings: { attempts: 2 } });
  await queue.desk.put(batchOf('b', ['poison', 'well']));
  const goOn = () => {
    send();
    if (clock.now() < untilMs) clock.after(500, goOn);
  };
  const untilMs = clock.now() + 7_200_000;
  goOn();
  await clock.advance(7_300_000);
  const view = await queue.desk.batch('b', 'local');
  assert.deepEqual([view?.counts.succeeded, view?.counts.errored], [1, 1]);
  const results = await resultsOf(queue.desk, 'b', 'local');
  assert.match(results?.find(({ customId }) => customId === 'poison')?.result ?? '', /api_error/);
  await queue.stop();
});

test('a database whose clock leaps ahead, as after a sleep of the machine, has nothing sent twice that is under way', async (t) => {
  const clock = new VirtualClock();
  let aheadMs = 0;
  const leaping: Clock = {
    now: () => clock.now() + aheadMs,
    after: (delayMs, callback) => clock.after(delayMs, callback),
    cancel: (timer) => clock.cancel(timer),
  };
  const { transport, sent } = countingUpstream(clock, 40_000, (respond) => respond.answer(200, json, message));
  const { queue, store } = await openStage(t, { clock, transport, store: await memoryStore(leaping) });
  await queue.desk.put(batchOf('b', ['i']));
  await clock.advance(10_000);
  aheadMs = 8 * 3_600_000;
  await clock.advance(60_000);
  const [row] = await store.read({ sql: 'SELECT state, unsure FROM queue_items', values: [] });
  assert.deepEqual([{ ...row }, sent()], [{ state: 'succeeded', unsure: 0 }, 1]);
  await queue.stop();
  assert.equal(clock.pendingTimers, 0);
});

test('callers that leave an upstream which says nothing are no sign that it is well', async (t) => {
  const clock = new VirtualClock();
  const { transport, sent } = countingUpstream(clock, 10, (respond) => respond.answer(200, json, message));
  const { queue } = await openStage(t, { clock, transport });
  const left = attemptEvent({ route: 'default/claude-opus-5-5', aborted: true, status: null, firstByteMs: null });
  for (let count = 0; count < 1_000; count++) {
    queue.observer.attempt?.(left);
    await clock.advance(50);
  }
  await queue.desk.put(
    batchOf(
      'b',
      Array.from({ length: 100 }, (_, index) => `i${index}`),
    ),
  );
  await clock.advance(30_000);
  assert.ok(sent() <= 31, `${sent()} were sent in half a minute, and nothing was known to be well`);
  await queue.stop();
});
