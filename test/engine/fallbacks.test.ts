import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorJson, json, memoryStage } from './memory-stage.ts';

const fallback = new Map([['claude-opus-5', ['claude-sonnet-5']]]);
const seconds = 1000;

for (const [status, type] of [
  [401, 'authentication_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [400, 'invalid_request_error'],
  [402, 'billing_error'],
] as const) {
  test(`a fallback's ${status} is never shown, also when the first route was not asked at all`, async () => {
    const { clock, ask } = memoryStage(
      (request, respond) => {
        const isFirst = Buffer.from(request.body as Uint8Array).includes('claude-opus-5');
        if (isFirst) respond.answer(529, json, errorJson('overloaded_error'));
        else respond.answer(status, json, errorJson(type));
      },
      { fallback },
    );
    for (let i = 0; i < 3; i++) ask({ headers: ['ridethrough-fallback', 'off', 'ridethrough-deadline', '2'] });
    await clock.advance(2 * seconds);
    const { reply } = ask({ headers: ['ridethrough-deadline', '1'] });
    await clock.advance(1 * seconds);
    assert.deepEqual(
      [reply.status, reply.header('ridethrough-origin'), reply.header('ridethrough-attempts')],
      [529, 'gateway', '1'],
    );
    assert.doesNotMatch(reply.text(), /nothing was sent/);
  });
}
