import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttemptEvent, CallEvent } from '../../src/core/events.ts';
import { frames } from '../../src/faults/api/events.ts';
import { expectedAnswer } from '../../src/faults/index.ts';
import type { Respond } from '../../src/testing/index.ts';
import { errorJson, json, memoryStage, message } from './memory-stage.ts';

const events = ['content-type', 'text/event-stream'];
const asked = { max_tokens: 1024, messages: [{ role: 'user', content: 'Hello' }] };
const seconds = 1000;

type Answer = 'cut' | 'rest' | number;

/** One streaming call whose attempts are answered in turn; what it took, as its events tell. */
async function took(answers: readonly Answer[], fallback = new Map<string, string[]>()) {
  const attempts: AttemptEvent[] = [];
  const calls: CallEvent[] = [];
  const observer = {
    attempt: (event: AttemptEvent) => void attempts.push(event),
    call: (event: CallEvent) => void calls.push(event),
  };
  const { clock, ask } = memoryStage(
    ({ body }, respond) => {
      const answer = answers[attempts.length] ?? 'rest';
      if (typeof answer === 'number') return respond.answer(answer, json, errorJson('overloaded_error'));
      const stream = Buffer.from(frames(expectedAnswer(body as Uint8Array)).join(''));
      respond.head(200, events);
      respond.data(answer === 'cut' ? stream.subarray(0, stream.length / 2) : stream);
      if (answer === 'cut') respond.fail('ECONNRESET');
      else respond.end();
    },
    { observer, fallback },
  );
  const { reply } = ask({ body: { ...asked, stream: true } });
  await clock.advance(120 * seconds);
  assert.equal(reply.state, 'ended');
  return { recovered: calls[0]?.recovered, released: attempts.map(({ released }) => released), attempts };
}

test('a resume that is carried by a probe, or goes to another route, is told as one', async () => {
  const fallback = new Map([['claude-opus-5', ['claude-sonnet-5']]]);
  assert.deepEqual((await took(['cut', 'rest'])).recovered, ['resume']);
  const elsewhere = await took(['cut', 529, 529, 529, 'rest'], fallback);
  assert.deepEqual(elsewhere.recovered, ['resume', 'fallback']);
  // Five failures in a row shut the route, once its last success is ten seconds old.
  const probed = await took([529, 'cut', ...Array<number>(9).fill(529), 'rest']);
  assert.ok(probed.attempts.some(({ reason, index }) => reason === 'probe' && index > 2));
  assert.deepEqual(probed.recovered, ['retry', 'resume']);
});

test('an attempt says of itself, not of its call, whether part of its answer reached the caller', async () => {
  const { released } = await took([529, 'cut', 529, 'cut', 529, 'rest']);
  assert.deepEqual(released, [false, true, false, true, false, true]);
});

test('what is no Messages request has the form that it came with, whatever is in it', async () => {
  const bodies: Buffer[] = [];
  const { clock, ask } = memoryStage(
    ({ body }, respond) => {
      bodies.push(Buffer.from(body as Uint8Array));
      respond.answer(200, json, '{"input_tokens":1}');
    },
    { collect: 'always' },
  );
  for (const stream of [undefined, true, false]) {
    const body = { max_tokens: 50_000, thinking: { type: 'adaptive' }, ...(stream === undefined ? {} : { stream }) };
    ask({ path: '/v1/messages/count_tokens', body });
  }
  await clock.advance(10);
  assert.deepEqual(
    bodies.map((body) => JSON.parse(body.toString()).stream),
    [undefined, true, false],
  );
});

test('what a gateway before the API says of its own part does not stand beside ours, all else of it does', async () => {
  const theirs = ['ridethrough-id', 'inner', 'Ridethrough-Attempts', '9', 'ridethrough-route', 'inner/model'];
  const passed = ['ridethrough-recovered', 'fallback', 'ridethrough-queued', 'msgbatch_rt_inner'];
  for (const status of [200, 400]) {
    const { clock, ask } = memoryStage((_request, respond) => {
      const body = status === 200 ? message : errorJson('invalid_request_error');
      respond.answer(status, [...json, ...theirs, ...passed], body);
    });
    const { reply } = ask();
    await clock.advance(1 * seconds);
    const names = reply.headers.filter((name, i) => i % 2 === 0 && name.toLowerCase().startsWith('ridethrough-'));
    assert.deepEqual(names.toSorted(), [
      'ridethrough-attempts',
      'ridethrough-id',
      'ridethrough-queued',
      'ridethrough-recovered',
      'ridethrough-route',
    ]);
    assert.equal(reply.header('ridethrough-attempts'), '1');
    assert.equal(reply.header('ridethrough-queued'), 'msgbatch_rt_inner');
  }
});

test('of answers that end in one step each call is told right after its attempt', async () => {
  const told: string[] = [];
  const observer = {
    attempt: ({ callId }: AttemptEvent) => void told.push(callId),
    call: ({ callId }: CallEvent) => void told.push(callId),
  };
  const asking: Respond[] = [];
  const { clock, ask } = memoryStage((_request, respond) => void asking.push(respond), { observer });
  for (let call = 0; call < 3; call++) ask();
  await clock.advance(10);
  for (const respond of asking) respond.answer(200, json, message);
  await clock.advance(1);
  assert.equal(told.length, 6);
  for (let at = 0; at < 6; at += 2) assert.equal(told[at], told[at + 1]);
});
