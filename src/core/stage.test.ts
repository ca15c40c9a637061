import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stage } from './stage.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('what comes in one turn goes through together, in its order, and not before the turn ends', async () => {
  const seen: number[] = [];
  const stage = new Stage<number>((item) => seen.push(item));
  stage.add(1);
  stage.add(2);
  await Promise.resolve();
  assert.deepEqual(seen, []);
  await turn();
  assert.deepEqual(seen, [1, 2]);
});

test('what comes of the work itself goes through in the next turn', async () => {
  const seen: number[] = [];
  const stage: Stage<number> = new Stage((item) => {
    seen.push(item);
    if (item < 3) stage.add(item + 1);
  });
  stage.add(1);
  await turn();
  assert.deepEqual(seen, [1]);
  await turn();
  await turn();
  assert.deepEqual(seen, [1, 2, 3]);
});

test('an error of one item does not keep the others from going through', async (t) => {
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  // The runner listens too; this error is meant.
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', onError);
  t.after(() => {
    process.off('uncaughtException', onError);
    for (const listener of listeners) process.on('uncaughtException', listener);
  });
  const seen: number[] = [];
  const stage = new Stage<number>((item) => {
    if (item === 1) throw new Error('a bug');
    seen.push(item);
  });
  for (const item of [1, 2, 3]) stage.add(item);
  await turn();
  await turn();
  assert.deepEqual(seen, [2, 3]);
  assert.equal(errors.length, 1);
});
