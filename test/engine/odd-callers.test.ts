import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Body, Call, StreamBody } from '../../src/core/call.ts';
import { wait } from '../../src/core/clock.ts';
import { callMsMax, defaultLimits } from '../../src/core/limits.ts';
import { seededRandom } from '../../src/core/random.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { type Head, isProblem, makeCall } from '../../src/engine/intake.ts';
import { CollectReply, type MemoryUpstream, memoryTransport, VirtualClock } from '../../src/testing/index.ts';
import * as events from '../fixtures/stream-events.ts';

function stage(upstream: MemoryUpstream, connectMs = 0) {
  const clock = new VirtualClock();
  const random = seededRandom(1);
  const transport = memoryTransport({ clock, upstream, connectMs });
  const primary = { name: 'default', origin: 'http://upstream', basePath: '', credential: null, models: new Map() };
  const engine = createEngine({ transport, primary, clock, random });
  const requestFor = (head: Head, body: Body): Call => {
    const caller = { credential: null, token: null };
    const call = makeCall(head, body, caller, { clock, random, limits: defaultLimits });
    assert.ok(!isProblem(call));
    return call;
  };
  const callFor = (model: string): Call => {
    const body = Buffer.from(JSON.stringify({ model, max_tokens: 1024, stream: true, messages: [] }));
    return requestFor({ method: 'POST', path: '/v1/messages', headers: [] }, body);
  };
  return { clock, transport, engine, requestFor, callFor };
}

test('a reader that never catches up is let go when the time of a call is over', async () => {
  const { clock, transport, engine, callFor } = stage((_request, respond) => {
    respond.head(200, ['content-type', 'text/event-stream']);
    for (const each of [events.start, events.openText(0), events.text(0, 'Hello')]) respond.data(each);
    respond.data(events.text(0, ' there'));
  });
  const reply = new CollectReply();
  reply.accepts = false;
  engine.handle(callFor('claude-opus-5-5'), reply);
  await clock.advance(callMsMax - 1);
  assert.equal(reply.state, 'open');
  await clock.advance(2);
  assert.equal(reply.state, 'ended');
  assert.equal(reply.events().at(-1)?.event, 'error');
  assert.equal(transport.open, 0);
  assert.equal(clock.pendingTimers, 0);
});

test('a model whose name no header can hold is answered like any other', async () => {
  const { clock, engine, callFor } = stage((_request, respond) => {
    respond.answer(404, ['content-type', 'application/json'], '{"type":"error","error":{"type":"not_found_error"}}');
  });
  for (const model of ['模型', 'a\r\nset-cookie: b', 'y'.repeat(256)]) {
    const reply = new CollectReply();
    engine.handle(callFor(model), reply);
    await clock.advance(1_000);
    assert.equal(reply.status, 404);
    assert.match(reply.header('ridethrough-route') ?? '', /^default\/[\x20-\x7e]{1,255}$/);
  }
});

test('a request without a body is waited for until its deadline, whatever it asks', async () => {
  const { clock, transport, engine, requestFor } = stage(() => {});
  for (const [method, path] of [
    ['GET', '/v1/models'],
    ['DELETE', '/v1/files/file_1'],
    ['POST', '/v1/messages/batches/msgbatch_1/cancel'],
  ] as const) {
    const reply = new CollectReply();
    engine.handle(requestFor({ method, path, headers: ['ridethrough-deadline', '2'] }, null), reply);
    await clock.advance(1_990);
    assert.equal(reply.state, 'before-head', path);
    await clock.advance(20);
    assert.deepEqual([reply.status, reply.state], [504, 'ended'], path);
    assert.equal(transport.open, 0);
  }
});

const bytes = Buffer.from('{"requests":[]}');

/** A body that comes in so many pieces, one a second, and is read as it is sent. */
function pieces(clock: VirtualClock, count: number): StreamBody {
  async function* chunks() {
    for (let i = 0; i < count; i++) {
      await wait(clock, 1_000);
      yield bytes;
    }
  }
  return { chunks: chunks(), lengthBytes: null };
}

/** Takes the whole body, and then says nothing. */
const takes: MemoryUpstream = async ({ body }) => {
  if (body === null || body instanceof Uint8Array) return;
  for await (const chunk of body.chunks) assert.deepEqual(chunk, bytes);
};

test('a request whose body has been sent is waited for until its deadline, whatever it asks', async () => {
  for (const path of ['/v1/messages/batches', '/v1/files', '/v1/else']) {
    for (const streamed of [false, true]) {
      const { clock, transport, engine, requestFor } = stage(takes);
      const reply = new CollectReply();
      const head: Head = { method: 'POST', path, headers: ['ridethrough-deadline', '3'] };
      engine.handle(requestFor(head, streamed ? pieces(clock, 1) : bytes), reply);
      await clock.advance(2_990);
      assert.equal(reply.state, 'before-head', path);
      await clock.advance(20);
      assert.deepEqual([reply.status, reply.state, transport.open], [504, 'ended', 0], `${path} ${streamed}`);
    }
  }
});

test('an upload that goes on beyond its deadline is not cut, one that goes on no more is', async () => {
  const { clock, engine, requestFor } = stage(takes);
  const reply = new CollectReply();
  const head: Head = { method: 'POST', path: '/v1/files', headers: ['ridethrough-deadline', '3'] };
  engine.handle(requestFor(head, pieces(clock, 100)), reply);
  await clock.advance(174_000);
  assert.equal(reply.state, 'before-head');
  await clock.advance(2_000);
  assert.equal(reply.status, 504);
});

test('who waits for an answer in one piece is told by its deadline that there is no connection', async () => {
  const { clock, transport, engine, requestFor } = stage(() => {}, 60_000);
  const message = Buffer.from('{"model":"m","max_tokens":1,"messages":[]}');
  for (const [method, path, body] of [
    ['POST', '/v1/messages', message],
    ['POST', '/v1/messages/count_tokens', message],
    ['POST', '/v1/messages/batches', bytes],
    ['GET', '/v1/models', null],
  ] as const) {
    const reply = new CollectReply();
    engine.handle(requestFor({ method, path, headers: ['ridethrough-deadline', '4'] }, body), reply);
    await clock.advance(4_010);
    assert.deepEqual([reply.status, reply.state, transport.open], [504, 'ended', 0], path);
    assert.match(reply.text(), /no connection within 4 s/);
  }
});
