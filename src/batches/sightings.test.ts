import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sightings } from './sightings.ts';

const sentAtMs = Date.parse('2026-01-01T12:00:00Z');

function listOf(createdAt: readonly string[], hasMore: boolean) {
  const data = createdAt.map((created_at, index) => {
    return { id: `msgbatch_${index}`, created_at, request_counts: { processing: 2 } };
  });
  return { status: 200, headers: [], body: Buffer.from(JSON.stringify({ data, has_more: hasMore })) };
}

const idsIn = (createdAt: readonly string[], hasMore: boolean) =>
  sightings(listOf(createdAt, hasMore), { sentAtMs, count: 2 }, sentAtMs, () => false)?.map(({ id }) => id) ?? null;

test('a list that ends before the time of the creation says nothing of it', () => {
  assert.equal(idsIn(['2026-01-01T15:00:00Z', '2026-01-01T14:00:00Z'], true), null);
  assert.deepEqual(idsIn(['2026-01-01T15:00:00Z', '2026-01-01T14:00:00Z'], false), []);
  assert.deepEqual(idsIn(['2026-01-01T12:00:01Z', '2026-01-01T11:00:00Z'], true), ['msgbatch_0']);
});
