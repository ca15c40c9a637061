import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../core/random.ts';
import { fullJitterMs, notBeforeMs } from './backoff.ts';

const fixed = (value: number) => ({ next: () => value, id: () => '' });

test('the backoff doubles to its cap, and is drawn from the whole of it', () => {
  const steps = [0, 1, 2, 3, 4, 5, 6, 1000];
  assert.deepEqual(
    steps.map((step) => fullJitterMs(step, 1000, 30_000, fixed(0.5))),
    [500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000],
  );
  assert.equal(fullJitterMs(3, 1000, 30_000, fixed(0)), 0);
});

test("the server's wait is never undercut, and exceeded by a tenth at most", () => {
  const random = seededRandom(1);
  for (let i = 0; i < 100; i++) {
    const waitMs = notBeforeMs(random.next() * 900, 1000, random);
    assert.ok(waitMs >= 1000 && waitMs < 1100);
  }
  assert.equal(notBeforeMs(5000, 1000, fixed(0.9)), 5000);
  assert.equal(notBeforeMs(70, null, fixed(0.9)), 70);
});
