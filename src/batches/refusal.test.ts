import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeCreation } from './refusal.ts';

/** What our own gateway answers when it could not do it. */
function ownError(errorCode: string, more: readonly string[] = []) {
  const body = { type: 'error', error: { type: 'api_error', message: 'no', details: { error_code: errorCode } } };
  return {
    status: 502,
    headers: [
      'content-type',
      'application/json',
      'ridethrough-origin',
      'gateway',
      'ridethrough-attempts',
      '3',
      ...more,
    ],
    body: Buffer.from(JSON.stringify(body)),
  };
}

for (const code of ['ECONNREFUSED', 'ENOTFOUND', 'ENODATA', 'ENETDOWN', 'EMFILE', 'connect_timeout']) {
  test(`a creation that met ${code} was never sent: the batch does not exist`, () => {
    assert.equal(judgeCreation(ownError(code), 0), 'failing');
  });
}

for (const code of ['ECONNRESET', 'ETIMEDOUT', 'first_byte_timeout']) {
  test(`a creation that met ${code} may have been sent: the batch may exist`, () => {
    assert.equal(judgeCreation(ownError(code), 0), 'unsure');
  });
}

test('a creation that was never sent is no refusal because our patience was spent', () => {
  assert.equal(judgeCreation(ownError('ECONNREFUSED', ['x-should-retry', 'false']), 0), 'failing');
});
