import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorJson, json, memoryStage, message } from './memory-stage.ts';

const keyed = (...more: string[]) => ({ headers: ['ridethrough-key', 'k', ...more] });

test('two uploads under one key are two uploads, and both callers hear that the key does nothing', async () => {
  const bodies: string[] = [];
  const { clock, ask } = memoryStage((request, respond) => {
    bodies.push(Buffer.from(request.body as Uint8Array).toString());
    respond.answer(200, json, '{"type":"file"}');
  });
  const uploads = ['a', 'b'].map((name) => ask({ ...keyed(), path: '/v1/files', body: { name } }));
  await clock.advance(1_000);
  assert.deepEqual(new Set(bodies).size, 2);
  for (const { reply } of uploads) {
    assert.equal(reply.text(), '{"type":"file"}');
    assert.match(reply.header('ridethrough-warning') ?? '', /^ridethrough-key is ignored here/);
  }
});

test('calls that ask for other betas are not served by one call', async () => {
  const { clock, ask } = memoryStage((_request, respond) => respond.answer(200, json, message));
  const [first, other, equal] = [ask(keyed('anthropic-beta', 'a')), ask(keyed()), ask(keyed('Anthropic-Beta', 'a'))];
  await clock.advance(1_000);
  assert.deepEqual([first.reply.status, other.reply.status, equal.reply.status], [200, 409, 200]);
});

test('a refusal for good ends all equal calls with one upstream call', async () => {
  let attempts = 0;
  const { clock, ask } = memoryStage((_request, respond) => {
    attempts++;
    respond.answer(500, [...json, 'x-should-retry', 'false'], errorJson('api_error'));
  });
  const asked = [10, 20, 30, 40, 50].map((seconds) => ask(keyed('ridethrough-deadline', String(seconds))));
  await clock.advance(60_000);
  assert.deepEqual([attempts, ...asked.map(({ reply }) => reply.status)], [1, 500, 500, 500, 500, 500]);
});

test('who has more patience than the one who began goes on alone', async () => {
  let isUp = false;
  const { clock, ask } = memoryStage((_request, respond) =>
    isUp ? respond.answer(200, json, message) : respond.answer(529, json, errorJson('overloaded_error')),
  );
  const [hasty, patient] = [ask(keyed('ridethrough-deadline', '5')), ask(keyed('ridethrough-deadline', '300'))];
  await clock.advance(10_000);
  assert.deepEqual([hasty.reply.status, patient.reply.status], [529, null]);
  isUp = true;
  await clock.advance(100_000);
  assert.deepEqual([patient.reply.status, patient.reply.text()], [200, message]);
  assert.equal(clock.pendingTimers, 0);
});
