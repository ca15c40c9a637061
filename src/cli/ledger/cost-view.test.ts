import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FailureCost } from '../../ledger/cost.ts';
import { costLines } from './cost-view.ts';

const lost: FailureCost = {
  day: '2026-11-22',
  model: null,
  class: 'overload',
  attempts: 1,
  billed: 0,
  unknown: 0,
  unknownUsd: 0,
  estimated: false,
  usd: null,
  input: 0,
  output: 0,
  cacheWrite: 0,
  cacheRead: 0,
};

test('a failed call that names no model is not said to lack a price', () => {
  assert.doesNotMatch(costLines([lost]).join('\n'), /No price is known|unknown/);
});

test('a model without a price is named', () => {
  assert.match(costLines([{ ...lost, model: 'claude-next' }]).join('\n'), /No price is known of claude-next\./);
});
