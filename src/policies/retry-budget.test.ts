import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RetryBudget } from './retry-budget.ts';

const limits = { ratio: 0.5, floor: 10 };

test('never amplify: what is taken is bounded by floor and successes, and by the floor alone while nothing succeeds', () => {
  const step = fc.constantFrom('success' as const, 1, 0.4);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 2000, size: 'max' }), (steps) => {
      const budget = new RetryBudget(limits);
      let [taken, successes, takenSinceSuccess] = [0, 0, 0];
      for (const each of steps) {
        if (each === 'success') {
          budget.succeeded();
          successes++;
          takenSinceSuccess = 0;
        } else if (budget.tryTake(each)) {
          taken += each;
          takenSinceSuccess += each;
        }
        assert.ok(taken <= limits.floor + limits.ratio * successes + 1e-9);
        assert.ok(takenSinceSuccess <= limits.floor + 1e-9);
      }
    }),
    { seed: 1 },
  );
});

test('savings end at a hundred floors, and an outage may still spend one floor of them only', () => {
  const budget = new RetryBudget(limits);
  for (let i = 0; i < 10_000; i++) budget.succeeded();
  assert.equal(budget.tokens, 1000);
  let taken = 0;
  while (budget.tryTake(1)) taken++;
  assert.equal(taken, 10);
});

test('without a floor nothing is spent before a success, and afterwards what successes have earned', () => {
  const budget = new RetryBudget({ ratio: 0.5, floor: 0 });
  assert.equal(budget.tryTake(1), false);
  for (let i = 0; i < 4; i++) budget.succeeded();
  assert.deepEqual([budget.tokens, budget.tryTake(1), budget.tryTake(1)], [2, true, false]);
  budget.succeeded();
  assert.equal(budget.tryTake(1), true);
});

test('an overdraft goes below zero so far and no further; what costs infinitely is never sold', () => {
  const budget = new RetryBudget(limits);
  let taken = 0;
  while (budget.tryTake(1)) taken++;
  while (budget.tryTake(1, 5)) taken++;
  assert.deepEqual([taken, budget.tokens], [15, -5]);
  assert.equal(new RetryBudget(limits).tryTake(Number.POSITIVE_INFINITY), false);
});
