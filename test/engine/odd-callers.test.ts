import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Body, Call } from '../../src/core/call.ts';
import { callMsMax, defaultLimits } from '../../src/core/limits.ts';
import { seededRandom } from '../../src/core/random.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { type Head, isProblem, makeCall } from '../../src/engine/intake.ts';
import { CollectReply, type MemoryUpstream, memoryTransport, VirtualClock } from '../../src/testing/index.ts';
import * as events from '../fixtures/stream-events.ts';

function stage(upstream: MemoryUpstream) {
  const clock = new VirtualClock();
  const random = seededRandom(1);
  const transport = memoryTransport({ clock, upstream });
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
