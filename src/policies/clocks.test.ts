import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultLimits } from '../core/limits.ts';
import { firstByteMs } from './clocks.ts';

test('the first byte is waited for longer the larger the body, up to five minutes', () => {
  const { timeouts } = defaultLimits;
  assert.equal(firstByteMs(0, timeouts), 30_000);
  assert.equal(firstByteMs(4_000_000, timeouts), 130_000);
  assert.equal(firstByteMs(32 * 2 ** 20, timeouts), 300_000);
});
