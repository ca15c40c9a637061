import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeAll, provenFrom, wrongOnes } from './blind-set.ts';

// One seed here; `npm run test:blind -- 1 2 3` judges those that it is told.
const seed = 1;

test('of 60 scenarios that others wrote 95 % are judged right, and nobody is accused wrongly', (t) => {
  const judged = judgeAll(seed);
  assert.equal(judged.length, 60);
  for (const line of wrongOnes(judged)) t.diagnostic(line);
  const right = judged.filter(({ isRight }) => isRight).length;
  assert.ok(right >= 0.95 * judged.length, `${right} of ${judged.length} right, seed ${seed}`);
  const accused = judged.filter(({ isRight, verdict }) => !isRight && verdict.confidence >= provenFrom);
  assert.deepEqual(wrongOnes(accused), []);
});
