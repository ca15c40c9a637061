import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RawHeaders } from '../../src/core/call.ts';
import { errorJson, json, memoryStage } from './memory-stage.ts';

/** Asks to create a batch, which is answered with `status`, or with a broken connection. */
async function createBatch(status: number | null, type = 'api_error', headers: RawHeaders = []) {
  const fresh: boolean[] = [];
  const { clock, ask } = memoryStage((request, respond) => {
    fresh.push(request.fresh);
    if (status === null) respond.fail('ECONNRESET');
    else respond.answer(status, [...json, ...headers], errorJson(type));
  });
  const { reply } = ask({ path: '/v1/messages/batches' });
  await clock.advance(60_000);
  return { reply, fresh, advice: [reply.header('x-should-retry'), reply.header('retry-after')] };
}

test('what we may not send again, the caller may: the advice of the upstream stands', async () => {
  assert.deepEqual((await createBatch(529, 'overloaded_error')).advice, ['true', null]);
  assert.deepEqual((await createBatch(500, 'api_error', ['x-should-retry', 'false'])).advice, ['false', null]);
  assert.deepEqual((await createBatch(429, 'rate_limit_error', ['retry-after', '7'])).advice, ['true', '7']);
  assert.deepEqual((await createBatch(400, 'invalid_request_error')).advice, ['false', null]);
  assert.deepEqual((await createBatch(null)).advice, ['true', null]);
});

test('what is sent once is sent on a connection that cannot be stale', async () => {
  const { fresh, reply } = await createBatch(529, 'overloaded_error');
  assert.deepEqual([fresh, reply.status], [[true], 529]);
});
