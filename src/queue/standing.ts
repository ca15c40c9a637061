import type { Store } from '../store/store.ts';
import { openStates } from './upkeep.ts';

/** How much stands in the queue, of all gateways. */
export interface Standing {
  readonly waiting: number;
  readonly running: number;
  readonly offloaded: number;
  readonly quarantined: number;
  /** Age of the oldest that waits, in milliseconds; null: none does. */
  readonly oldestAgeMs: number | null;
}

/** Counts what is open. @throws StoreError */
export async function readStanding(store: Store): Promise<Standing> {
  const rows = await store.read({
    sql: `SELECT state, count(*) AS items, rt_now() - min(created_at) AS age FROM queue_items
          WHERE state IN (${openStates}) GROUP BY state`,
    values: [],
  });
  const of = (state: string) => rows.find((row) => row.state === state);
  const count = (state: string) => Number(of(state)?.items ?? 0);
  const oldest = of('waiting');
  return {
    waiting: count('waiting'),
    running: count('running'),
    offloaded: count('offloaded'),
    quarantined: count('quarantined'),
    oldestAgeMs: oldest === undefined ? null : Math.max(0, Number(oldest.age)),
  };
}
