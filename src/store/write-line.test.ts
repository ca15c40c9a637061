import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commitBytesMax, commitWritesMax, writeBytesWaitingMax, writesWaitingMax } from './bounds.ts';
import type { Outcome } from './sqlite-outcome.ts';
import { type Statement, StoreError } from './store.ts';
import { WriteLine } from './write-line.ts';

const numbered = (id: number): Statement[] => [{ sql: 'x', values: [id] }];
const sized = (bytes: number): Statement[] => [{ sql: 'x', values: [new Uint8Array(bytes)] }];

/** A disk that commits when it is told to, and notes the size of each group. */
function heldDisk() {
  const groups: number[] = [];
  const held: (() => void)[] = [];
  const line = new WriteLine((writes) => {
    groups.push(writes.length);
    const outcomes = writes.map<Outcome>(([statement]) =>
      statement?.values[0] === -1
        ? { failure: { code: 'refused', message: 'no' } }
        : { rows: [[{ id: statement?.values[0] ?? null }]] },
    );
    return new Promise((resolve) => held.push(() => resolve(outcomes)));
  });
  /** Ends the commit under way, and lets the next begin. */
  const commit = async () => {
    held.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { line, groups, commit };
}

test('what arrives during a commit shares the next one, and answers come to those who asked', async () => {
  const { line, groups, commit } = heldDisk();
  const first = line.write(numbered(0));
  await Promise.resolve();
  await Promise.resolve();
  const others = [1, 2, 3].map((id) => line.write(numbered(id)));
  await commit();
  await commit();
  assert.deepEqual(groups, [1, 3]);
  const rows = await Promise.all([first, ...others]);
  assert.deepEqual(
    rows.map(([one]) => one?.[0]?.id),
    [0, 1, 2, 3],
  );
});

test('writes of the same turn go together', async () => {
  const { line, groups, commit } = heldDisk();
  const writes = [1, 2, 3].map((id) => line.write(numbered(id)));
  await Promise.resolve();
  await commit();
  await Promise.all(writes);
  assert.deepEqual(groups, [3]);
});

test('a write that fails leaves its neighbours alone', async () => {
  const { line, commit } = heldDisk();
  const writes = Promise.allSettled([1, -1, 2].map((id) => line.write(numbered(id))));
  await Promise.resolve();
  await commit();
  assert.deepEqual(
    (await writes).map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
});

test('a group is bounded in number and in bytes, and a large write goes alone', async () => {
  const { line, groups, commit } = heldDisk();
  const many = Array.from({ length: commitWritesMax + 1 }, (_, id) => line.write(numbered(id)));
  const large = [commitBytesMax - 8, commitBytesMax * 2, 1].map((bytes) => line.write(sized(bytes)));
  await Promise.resolve();
  for (let round = 0; round < 5; round++) await commit();
  await Promise.all([...many, ...large]);
  assert.deepEqual(groups, [commitWritesMax, 2, 1, 1]);
});

test('a full line refuses at once, and takes more when it has moved', async () => {
  const { line, commit } = heldDisk();
  const busy = (error: unknown) => error instanceof StoreError && error.code === 'busy';
  const first = line.write(numbered(0));
  await new Promise((resolve) => setImmediate(resolve));
  const waiting = Array.from({ length: writesWaitingMax }, (_, id) => line.write(numbered(id)));
  await assert.rejects(line.write(numbered(1)), busy);
  await commit();
  waiting.push(line.write(numbered(2)));
  while (!(await settledAll([first, ...waiting], commit)));
});

test('the bytes that wait are bounded, but one write alone may be larger', async () => {
  const { line, commit } = heldDisk();
  const first = line.write(numbered(0));
  await new Promise((resolve) => setImmediate(resolve));
  const huge = line.write(sized(writeBytesWaitingMax + 1));
  await assert.rejects(line.write(sized(1)), { code: 'busy' });
  await commit();
  const small = line.write(sized(1));
  await commit();
  await commit();
  await Promise.all([first, huge, small]);
  await line.drained();
});

/** One more commit; true when all have been answered. */
async function settledAll(writes: readonly Promise<unknown>[], commit: () => Promise<void>): Promise<boolean> {
  let done = false;
  void Promise.all(writes).then(() => {
    done = true;
  });
  await commit();
  return done;
}
