import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverWaitMs, statedWaitMs } from './retry-after.ts';

const nowMs = Date.parse('2026-11-22T12:00:00Z');
const wait = (headers: string[], body: Record<string, unknown> | null = null) => serverWaitMs(headers, body, nowMs);

test('retry-after is read in milliseconds, seconds, fractions and all three forms of dates', () => {
  assert.equal(wait(['Retry-After-Ms', '1500', 'retry-after', '60']), 1500);
  assert.equal(wait(['retry-after', '58']), 58_000);
  assert.equal(wait(['retry-after', '0.25']), 250);
  assert.equal(wait(['retry-after', '0']), 0);
  assert.equal(wait(['retry-after', 'Sun, 22 Nov 2026 12:00:30 GMT']), 30_000);
  assert.equal(wait(['retry-after', 'Sunday, 22-Nov-26 12:00:30 GMT']), 30_000);
  assert.equal(wait(['retry-after', 'Sun Nov 22 12:00:30 2026']), 30_000);
});

test('nonsense and the past are no wait', () => {
  const nines = '9'.repeat(400);
  for (const value of [
    '',
    ' ',
    'NaN',
    'Infinity',
    '-5',
    '1e3',
    '0x10',
    '3 apples',
    'soon',
    'Sun, 99 Nov 2026',
    nines,
    'Sun, 22 Nov 2026 11:59:59 GMT',
  ]) {
    assert.equal(wait(['retry-after', value]), null, value);
    assert.equal(wait(['retry-after-ms', value, 'retry-after', '2']), 2000, value);
  }
  assert.equal(wait(['retry-after', '9'.repeat(308)]), null);
});

test('without it, the last reset of the exhausted buckets counts, and of no others', () => {
  const bucket = (name: string, remaining: string, reset: string) => [
    `anthropic-ratelimit-${name}-remaining`,
    remaining,
    `anthropic-ratelimit-${name}-reset`,
    reset,
  ];
  assert.equal(wait(bucket('requests', '0', '2026-11-22T12:00:10Z')), 10_000);
  assert.equal(wait(bucket('requests', '1', '2026-11-22T12:00:10Z')), null);
  assert.equal(wait(bucket('tokens', '0', '1970-01-01T00:00:00Z')), null);
  assert.equal(wait(bucket('tokens', '0', 'tomorrow')), null);
  const fast = ['anthropic-fast-output-tokens-remaining', '0', 'anthropic-fast-output-tokens-reset'];
  assert.equal(wait([...fast, '2026-11-22T12:00:10Z']), 10_000);
  const both = [
    ...bucket('input-tokens', '0', '2026-11-22T12:00:10Z'),
    ...bucket('output-tokens', '0', '2026-11-22T12:01:00Z'),
  ];
  assert.equal(wait(both), 60_000);
  assert.equal(wait([...both, 'retry-after', '5']), 5000);
});

test('a rejected plan window counts until its reset', () => {
  const reset = String(nowMs / 1000 + 3600);
  assert.equal(
    wait(['anthropic-ratelimit-unified-status', 'rejected', 'anthropic-ratelimit-unified-reset', reset]),
    3_600_000,
  );
  assert.equal(
    wait(['anthropic-ratelimit-unified-status', 'allowed', 'anthropic-ratelimit-unified-reset', reset]),
    null,
  );
});

test('the body speaks last', () => {
  assert.equal(wait([], { retry_after: 120 }), 120_000);
  assert.equal(wait(['retry-after', '7'], { retry_after: 120 }), 7000);
  const bucket = [
    'anthropic-ratelimit-tokens-remaining',
    '0',
    'anthropic-ratelimit-tokens-reset',
    '2026-11-22T12:00:10Z',
  ];
  assert.equal(wait(bucket, { retry_after: 120 }), 10_000);
  for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY, '120', null, 1e308])
    assert.equal(wait([], { retry_after: value }), null);
});

test('an exhausted bucket says nothing about when an outage ends', () => {
  const headers = [
    'anthropic-ratelimit-requests-remaining',
    '0',
    'anthropic-ratelimit-requests-reset',
    '2026-11-22T12:00:10Z',
  ];
  assert.equal(statedWaitMs(headers, null, nowMs), null);
  assert.equal(statedWaitMs(headers, { retry_after: 3 }, nowMs), 3000);
});
