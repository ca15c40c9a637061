import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultLimits, pingMs } from '../../src/core/limits.ts';
import { leaseMs } from '../../src/replies/bounds.ts';
import type { CollectReply, MemoryUpstream } from '../../src/testing/index.ts';
import { pingEvent } from '../../src/wire/envelope.ts';
import { errorJson, json } from '../engine/memory-stage.ts';
import { close, end, openText, start, stop, text } from '../fixtures/stream-events.ts';
import { crashable, ended, openStage, processOn } from './keyed-stage.ts';

const sse = ['content-type', 'text/event-stream'];
const beginning = start + openText(0) + text(0, 'Hello');
const rest = close(0) + end('end_turn') + stop;
const streamed = { body: { stream: true } };
const holdMs = defaultLimits.timeouts.hold * 1000;
const asksTwice: MemoryUpstream = () => assert.fail('the upstream was asked twice');

/** An upstream that begins a stream, and goes on when it is told to. */
function slowly() {
  const upstream: MemoryUpstream & { finish: () => void } = Object.assign(
    ((_, respond) => {
      respond.head(200, sse);
      respond.data(beginning);
      upstream.finish = () => {
        respond.data(rest);
        respond.end();
      };
    }) as MemoryUpstream,
    { finish: () => {} },
  );
  return upstream;
}

const ping = Buffer.from(pingEvent).toString();
const pingsIn = (reply: CollectReply) => reply.text().split(ping).length - 1;
const withoutPings = (reply: CollectReply) => reply.text().replaceAll(ping, '');

test('a stream that waits for another gateway is opened when its hold ends, and kept awake', async (context) => {
  const { clock, store } = await openStage(context);
  const upstream = slowly();
  processOn(store, clock, upstream).ask(streamed);
  await clock.advance(100);
  const { reply } = processOn(store, clock, asksTwice, 2).ask(streamed);
  await clock.advance(holdMs - 1_000);
  assert.equal(reply.state, 'before-head');
  await clock.advance(2_000);
  assert.deepEqual([reply.status, reply.header('content-type')], [200, 'text/event-stream; charset=utf-8']);
  assert.notEqual(reply.header('ridethrough-id'), null);
  await clock.advance(2 * pingMs);
  assert.equal(pingsIn(reply), 2);
  upstream.finish();
  assert.equal(withoutPings(await ended(clock, reply)), beginning + rest);
});

test('a stream that waited for less than its hold gets the answer with its own head', async (context) => {
  const { clock, store } = await openStage(context);
  const upstream = slowly();
  processOn(store, clock, upstream).ask(streamed);
  await clock.advance(100);
  const { reply } = processOn(store, clock, asksTwice, 2).ask(streamed);
  await clock.advance(1_000);
  upstream.finish();
  assert.equal((await ended(clock, reply)).text(), beginning + rest);
  assert.equal(reply.header('ridethrough-replayed'), 'yes');
});

test('a stream that takes over from a crashed gateway goes on behind the head that is out', async (context) => {
  const { clock, store } = await openStage(context);
  const { reachable, crash } = crashable(store);
  const crashing = processOn(reachable, clock, slowly());
  for (const key of ['a', 'b']) crashing.ask({ ...streamed, key });
  await clock.advance(leaseMs);
  crash();
  const upstream: MemoryUpstream = (_request, respond) => respond.answer(200, sse, beginning + rest);
  const refusing: MemoryUpstream = (_request, respond) => {
    respond.answer(400, json, errorJson('invalid_request_error'));
  };
  const served = processOn(store, clock, upstream, 2).ask({ ...streamed, key: 'a' }).reply;
  const refused = processOn(store, clock, refusing, 3).ask({ ...streamed, key: 'b' }).reply;
  await clock.advance(holdMs + 1_000);
  assert.deepEqual([served.status, served.text(), refused.status], [200, '', 200]);
  assert.equal(withoutPings(await ended(clock, served)), beginning + rest);
  assert.equal((await ended(clock, refused)).state, 'ended');
  assert.equal(withoutPings(refused), `event: error\ndata: ${errorJson('invalid_request_error')}\n\n`);
});

test('who leaves while it waits for another gateway is sent nothing more', async (context) => {
  const { clock, store } = await openStage(context);
  processOn(store, clock, slowly()).ask(streamed);
  await clock.advance(100);
  const { reply, flow } = processOn(store, clock, asksTwice, 2).ask(streamed);
  await clock.advance(holdMs + 1_000);
  flow.abort();
  await clock.advance(2 * pingMs);
  assert.deepEqual([reply.status, reply.text()], [200, '']);
});
