import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clock, systemClock } from '../../core/clock.ts';
import { RateLimiter } from './rate-limit.ts';

/** A clock that stands until it is set. */
function standingClock() {
  const clock = { ...systemClock, nowMs: Date.UTC(2026, 10, 22), now: () => clock.nowMs };
  return clock satisfies Clock;
}

const limits = { requestsPerMinute: 60, inputTokensPerMinute: 6_000, outputTokensPerMinute: 600 };

function read(headers: readonly string[], name: string): string | undefined {
  return headers[headers.indexOf(`anthropic-ratelimit-${name}`) + 1];
}

test('the headers tell what is left, and when the bucket is full again', () => {
  const limiter = new RateLimiter(standingClock(), limits);
  limiter.ask('a', 1_000);
  const { headers, refused } = limiter.ask('a', 2_000);
  assert.equal(refused, null);
  assert.deepEqual(
    ['requests-limit', 'requests-remaining', 'input-tokens-remaining', 'tokens-remaining'].map((n) => read(headers, n)),
    ['60', '58', '3000', '3000'],
  );
  assert.equal(read(headers, 'requests-reset'), '2026-11-22T00:00:02Z');
  assert.equal(read(headers, 'input-tokens-reset'), '2026-11-22T00:00:30Z');
});

test('a request over a limit is refused, and passes after the wait that was named', () => {
  const clock = standingClock();
  const limiter = new RateLimiter(clock, limits);
  limiter.ask('a', 5_000);
  const refused = limiter.ask('a', 2_000).refused;
  assert.deepEqual(refused, { limit: '6000 input tokens per minute', waitSeconds: 10 });
  clock.nowMs += 9_900;
  assert.notEqual(limiter.ask('a', 2_000).refused, null);
  clock.nowMs += 100;
  assert.equal(limiter.ask('a', 2_000).refused, null);
});

test('output tokens are booked afterwards, and an overdrawn bucket refuses', () => {
  const clock = standingClock();
  const limiter = new RateLimiter(clock, limits);
  limiter.ask('a', 1).spend(1_200);
  assert.equal(limiter.ask('a', 1).refused?.limit, '600 output tokens per minute');
});

test('each credential and model has buckets of its own', () => {
  const limiter = new RateLimiter(standingClock(), { ...limits, requestsPerMinute: 1 });
  assert.equal(limiter.ask('a', 1).refused, null);
  assert.notEqual(limiter.ask('a', 1).refused, null);
  assert.equal(limiter.ask('b', 1).refused, null);
});
