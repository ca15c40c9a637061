import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from '../../src/diagnosis/judge.ts';
import { HealthModel } from '../../src/health/model.ts';
import { type Ended, endedAttempt } from '../fixtures/events.ts';

const atMs = Date.parse('2026-11-23T15:50:00Z');
const refused: Partial<Ended> = {
  ...{ failure: 'auth', status: 401, requestId: 'req_011' },
  error: { type: 'authentication_error', code: null, action: 'retry', waitMs: null },
};
const spent: Partial<Ended> = {
  ...{ failure: 'spend-limit', status: 402, requestId: 'req_012' },
  error: { type: 'billing_error', code: null, action: 'surface', waitMs: null },
};

/** An attempt a second, with one key. */
function judged(kinds: readonly Partial<Ended>[]) {
  const health = new HealthModel();
  kinds.forEach((kind, n) => {
    health.attempt(endedAttempt({ atMs: atMs + n * 1_000, callId: `call ${n}`, caller: 'one', ...kind }));
  });
  return judge({ health: health.snapshot(atMs + kinds.length * 1_000), page: null, canaries: [] });
}

for (const [what, failure] of Object.entries({ 'was refused once': refused, 'had run out of money': spent })) {
  test(`a key that ${what} and is served again is no fault of the account`, () => {
    assert.equal(judged([{}, {}, {}, failure]).fault, 'your account');
    assert.notEqual(judged([{}, {}, {}, failure, {}]).fault, 'your account');
    assert.equal(judged([{}, {}, {}, failure, ...Array.from({ length: 10 }, () => ({}))]).fault, 'nothing is wrong');
  });
}
