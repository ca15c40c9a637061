import type { QueueSettings } from '../core/limits.ts';
import { type Statement, type Store, writeOne } from '../store/store.ts';

/** States in which an item may still end otherwise; its batch has not ended then. */
export const openStates = "'waiting', 'running', 'offloaded', 'quarantined'";

/**
 * Ends batches of which no item is open. To be called after the item's own write has been committed:
 * of two that end the last two items at once, the later one then sees both.
 * @param id of one batch; null: all, for those whose gateway died in between
 * @returns ids of those that have just ended
 */
export async function endBatches(store: Store, id: string | null): Promise<string[]> {
  const rows = await writeOne(store, {
    sql: `UPDATE queue_batches SET ended_at = rt_now(), notice_at = rt_now(), notice_tries = 0
            WHERE ended_at IS NULL ${id === null ? '' : 'AND id = $1'} AND NOT EXISTS (
              SELECT 1 FROM queue_items i WHERE i.batch_id = queue_batches.id AND i.state IN (${openStates}))
            RETURNING id`,
    values: id === null ? [] : [id],
  });
  return rows.map((row) => String(row.id));
}

/**
 * Gives up what has waited too long. What is being sent may still end; what is with the upstream's
 * batches expires there. What was quarantined may have been billed, so it is an error and did not "expire".
 * @returns how many items
 */
export async function expireItems(store: Store): Promise<number> {
  const rows = await writeOne(store, {
    sql: `UPDATE queue_items SET state = CASE state WHEN 'waiting' THEN 'expired' ELSE 'errored' END,
              ended_at = rt_now()
            WHERE state IN ('waiting', 'quarantined') AND expires_at <= rt_now() RETURNING id`,
    values: [],
  });
  return rows.length;
}

/**
 * Purges what has been kept long enough: results and requests first, so that the batch can still be
 * looked at as archived; the rest after the same time again.
 */
export async function purge(store: Store, { retention }: Pick<QueueSettings, 'retention'>): Promise<void> {
  const retentionMs = retention * 1000;
  const old = 'SELECT id FROM queue_batches WHERE ended_at IS NOT NULL AND created_at <= rt_now() -';
  const at = (sql: string, ageMs: number): Statement => ({ sql, values: [ageMs] });
  await store.write([
    at(
      `UPDATE queue_items SET request = NULL, result = NULL
       WHERE batch_id IN (${old} $1 AND archived_at IS NULL)`,
      retentionMs,
    ),
    at(
      `UPDATE queue_batches SET archived_at = rt_now()
       WHERE ended_at IS NOT NULL AND archived_at IS NULL AND created_at <= rt_now() - $1`,
      retentionMs,
    ),
    at(`DELETE FROM queue_items WHERE batch_id IN (${old} $1)`, 2 * retentionMs),
    at('DELETE FROM queue_batches WHERE ended_at IS NOT NULL AND created_at <= rt_now() - $1', 2 * retentionMs),
  ]);
}

/**
 * Holds the database to the key file: what is sealed with one key does not open with another.
 * @returns false when the database belongs to another key
 */
export async function claimKey(store: Store, fingerprint: string): Promise<boolean> {
  await writeOne(store, {
    sql: 'INSERT INTO queue_key (one, fingerprint) VALUES (1, $1) ON CONFLICT (one) DO NOTHING',
    values: [fingerprint],
  });
  const [row] = await store.read({ sql: 'SELECT fingerprint FROM queue_key', values: [] });
  return row?.fingerprint === fingerprint;
}
