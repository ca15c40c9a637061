import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callId } from './call-id.ts';
import { seededRandom } from './random.ts';

test('ids of calls rise with time, and differ within a millisecond', () => {
  const random = seededRandom(1);
  const timesMs = [0, 1, 35, 36, Date.UTC(2026, 10, 22), Date.UTC(2026, 10, 22) + 0.7, Date.UTC(2058, 0)];
  const ids = timesMs.map((nowMs) => callId(nowMs, random));
  for (const id of ids) assert.match(id, /^[0-9a-z]{20}$/);
  const prefixes = ids.map((id) => id.slice(0, 8));
  assert.deepEqual(prefixes, prefixes.toSorted());
  assert.equal(new Set(ids).size, ids.length);
});
