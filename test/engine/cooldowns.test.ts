import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorJson, json, memoryStage, message } from './memory-stage.ts';

const seconds = 1000;
const limit = errorJson('rate_limit_error', 'Number of requests has exceeded your limit');

test('callers whom a rate limit outlasts are told of it, with what is left of its wait', async () => {
  const { clock, ask } = memoryStage((_request, respond) =>
    respond.answer(429, [...json, 'retry-after', '50', 'retry-after-ms', '50000'], limit),
  );
  ask({ headers: ['ridethrough-deadline', '1'] });
  await clock.advance(20 * seconds);
  const { reply } = ask({ headers: ['ridethrough-deadline', '10'] });
  await clock.advance(10);
  assert.deepEqual([reply.status, reply.text(), reply.header('ridethrough-attempts')], [429, limit, '0']);
  assert.deepEqual(
    reply.headers.filter((_, i, all) => /^(x-should-retry|retry-after.*)$/.test(all[i - (i % 2)] as string)),
    ['retry-after', '31', 'x-should-retry', 'true'],
  );
});

test('a rate limit of centuries is looked into once a minute, and is over with the first success', async () => {
  let attempts = 0;
  let limited = true;
  const { clock, ask } = memoryStage((_request, respond) => {
    attempts++;
    if (limited) respond.answer(429, [...json, 'retry-after', '99999999999'], limit);
    else respond.answer(200, json, message);
  });
  for (let i = 0; i < 300; i++) {
    const { reply } = ask();
    await clock.advance(1 * seconds);
    assert.equal(reply.status, 429);
  }
  assert.equal(attempts, 5);
  limited = false;
  await clock.advance(60 * seconds);
  for (let i = 0; i < 3; i++) {
    const { reply } = ask();
    await clock.advance(10);
    assert.equal(reply.status, 200);
  }
});
