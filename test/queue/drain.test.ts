import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryTransport } from '../../src/testing/memory-transport.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { resultsOf } from './read-results.ts';
import { openStage } from './stage.ts';

const json = ['content-type', 'application/json'];
const overloaded = '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}';
const message = '{"type":"message","content":[]}';

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
