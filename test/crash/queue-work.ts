import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { endBatches } from '../../src/queue/upkeep.ts';
import { type Row, type Store, StoreError } from '../../src/store/store.ts';
import type { Workload } from './rounds.ts';

/** The queue under load: what was acknowledged is there, has one result, and every further billing is counted. */
export function queueWork(): Workload {
  const kept = new Set<string>();
  const billings = new Map<string, number>();
  const results = new Map<string, string>();
  return {
    program: fileURLToPath(new URL('queue-child.ts', import.meta.url)),
    children: 2,
    linesMax: 30,
    async verify(store, lines) {
      for (const line of lines) {
        const [what, id = ''] = line.split(' ');
        if (what === 'kept') kept.add(id);
        if (what === 'billed') billings.set(id, (billings.get(id) ?? 0) + 1);
      }
      const items = await allItems(store);
      assertNothingLost(kept, items);
      assertOneResult(results, items);
      if (items.length === 0) return;
      assertCounted(billings, items, await lostSendings(store));
      // Nobody lives who holds a lease: the next round need not wait for them to run out.
      await store.write([{ sql: "UPDATE queue_items SET lease_until = 0 WHERE state = 'running'", values: [] }]);
      await endBatches(store, null);
      const open = await store.read({
        sql: `SELECT b.id FROM queue_batches b WHERE b.ended_at IS NOT NULL AND EXISTS (
                SELECT 1 FROM queue_items i WHERE i.batch_id = b.id AND i.state IN ('waiting', 'running'))`,
        values: [],
      });
      assert.deepEqual(open, [], 'a batch has ended that has open items');
    },
  };
}

async function allItems(store: Store): Promise<readonly Row[]> {
  const sql = 'SELECT id, batch_id, state, result FROM queue_items';
  try {
    return await store.read({ sql, values: [] });
  } catch (error) {
    // A round may end before the first child has come as far as the tables.
    if (error instanceof StoreError && error.code === 'refused') return [];
    throw error;
  }
}

function assertNothingLost(kept: ReadonlySet<string>, items: readonly Row[]): void {
  const found = new Map<string, number>();
  for (const { batch_id } of items) found.set(String(batch_id), (found.get(String(batch_id)) ?? 0) + 1);
  const lost = [...kept].filter((id) => found.get(id) !== 2);
  assert.deepEqual(lost, [], `${lost.length} of ${kept.size} acknowledged batches are lost`);
}

/** A result that was there stays as it is. Sealed, a result that was written again would differ even if it were the same. */
function assertOneResult(results: Map<string, string>, items: readonly Row[]): void {
  for (const { id, state, result } of items) {
    const known = results.get(String(id));
    if (state !== 'succeeded') {
      assert.equal(known, undefined, `item ${id} had a result, and has none any more`);
      continue;
    }
    const now = Buffer.from(result as Uint8Array).toString('base64');
    assert.equal(known ?? now, now, `item ${id} has another result than before`);
    results.set(String(id), now);
  }
}

/** How often each item stands in the ledger as sent with nobody knowing what came of it. */
async function lostSendings(store: Store): Promise<ReadonlyMap<string, number>> {
  const lost = new Map<string, number>();
  const sql = "SELECT call_id FROM ledger_attempts WHERE result = 'lost'";
  for (const { call_id } of await store.read({ sql, values: [] })) {
    const id = String(call_id).replace(/\.\d+$/, '');
    lost.set(id, (lost.get(id) ?? 0) + 1);
  }
  return lost;
}

function assertCounted(
  billings: ReadonlyMap<string, number>,
  items: readonly Row[],
  lost: ReadonlyMap<string, number>,
): void {
  for (const { id, state } of items) {
    const billed = billings.get(String(id)) ?? 0;
    // What is being sent at this moment is counted when its lease runs out.
    const counted = (lost.get(String(id)) ?? 0) + (state === 'succeeded' || state === 'running' ? 1 : 0);
    assert.ok(billed <= counted, `item ${id} (${state}) was billed ${billed} times, and ${counted} are accounted for`);
  }
}
