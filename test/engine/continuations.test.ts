import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call } from '../../src/core/call.ts';
import { defaultLimits } from '../../src/core/limits.ts';
import { seededRandom } from '../../src/core/random.ts';
import { Secret } from '../../src/core/secret.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { makeCall } from '../../src/engine/intake.ts';
import { frames } from '../../src/faults/api/events.ts';
import { expectedAnswer } from '../../src/faults/index.ts';
import { CollectReply } from '../../src/testing/collect-reply.ts';
import { memoryTransport, type Respond } from '../../src/testing/memory-transport.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { checkStream } from '../recovery/protocol-checker.ts';
import { assertWhole } from '../recovery/verdict.ts';

const upstream = { name: 'default', origin: 'http://upstream', basePath: '', credential: null, models: new Map() };
const credential = { id: 'a', apiKey: new Secret('sk-ant-a'), bearer: null, oauth: false };
const request = { model: 'claude-opus-5-5', max_tokens: 1024, messages: [{ role: 'user', content: 'Hello' }] };

/** A stream whose connection is reset in the middle of the text; the next attempts are answered by `answers`, in turn. */
async function cutThen(...answers: ((sent: Buffer, respond: Respond) => void)[]) {
  const clock = new VirtualClock();
  const random = seededRandom(1);
  const whole = expectedAnswer(request);
  const stream = Buffer.from(frames(whole).join(''));
  const sentAtMs: number[] = [];
  const transport = memoryTransport({
    clock,
    upstream({ body }, respond) {
      const attempt = sentAtMs.push(clock.now()) - 1;
      if (attempt > 0) return answers[attempt - 1]?.(Buffer.from(body as Uint8Array), respond);
      respond.head(200, ['content-type', 'text/event-stream']);
      respond.data(stream.subarray(0, stream.length / 2));
      respond.fail('ECONNRESET');
    },
  });
  const engine = createEngine({ transport, primary: upstream, fallback: new Map(), clock, random });
  const body = Buffer.from(JSON.stringify({ ...request, stream: true }));
  const caller = { credential, token: null };
  const deps = { clock, random, limits: defaultLimits };
  const call = makeCall({ method: 'POST', path: '/v1/messages', headers: [] }, body, caller, deps) as Call;
  const reply = new CollectReply();
  engine.handle(call, reply);
  await clock.runUntil(() => reply.state === 'ended');
  return { reading: checkStream(Buffer.concat(reply.chunks)), whole, sentAtMs };
}

const json = ['content-type', 'application/json'];
const goesOn = (sent: Buffer, respond: Respond) =>
  respond.answer(200, json, JSON.stringify(expectedAnswer(sent.toString())));
const unauthorized = (_: Buffer, respond: Respond) =>
  respond.answer(401, json, '{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}');

test('a continuation that comes as JSON is joined to the stream, not sent as a second message', async () => {
  const { reading, whole } = await cutThen(goesOn);
  assert.ok(reading.end === 'message');
  assertWhole(reading.message, whole);
});

test('JSON that does not go on from the last words is no continuation', async () => {
  const nothing = (_: Buffer, respond: Respond) =>
    respond.answer(200, json, JSON.stringify({ ...expectedAnswer(request), content: [] }));
  const { reading, whole, sentAtMs } = await cutThen(nothing, goesOn);
  assert.ok(reading.end === 'message');
  assertWhole(reading.message, whole);
  assert.equal(sentAtMs.length, 3);
});

test('a 401 of a key that worked just now does not end a stream that could be continued', async () => {
  const { reading, whole, sentAtMs } = await cutThen(unauthorized, goesOn);
  assert.ok(reading.end === 'message');
  assertWhole(reading.message, whole);
  const [, refusedAtMs = 0, continuedAtMs = 0] = sentAtMs;
  assert.ok(continuedAtMs - refusedAtMs >= 2_000, 'not at once');
});

test('a 401 that stays ends it, after two more looks, with the error that broke the stream', async () => {
  const { reading, sentAtMs } = await cutThen(unauthorized, unauthorized, unauthorized, goesOn);
  assert.ok(reading.end === 'error');
  assert.notEqual(reading.error.type, 'authentication_error');
  assert.equal(sentAtMs.length, 4);
});
