import type { Row } from '../store/store.ts';
import type { BatchView } from './queue.ts';

/** Counts an item by how it ended. */
const ended = (state: string) => `count(CASE WHEN i.state = '${state}' THEN 1 END) AS ${state}`;

/**
 * Reads batches with their counts, for `viewOf`.
 * @param where which of `queue_batches`, and in what order and number they are taken
 * @param order of the rows
 */
export function viewSql(where: string, order: string): string {
  return `SELECT b.id, b.created_at, b.expires_at, b.ended_at, b.cancel_at, b.archived_at, count(i.id) AS items,
            ${['succeeded', 'errored', 'canceled', 'expired'].map(ended).join(', ')}
          FROM (SELECT * FROM queue_batches WHERE ${where}) b LEFT JOIN queue_items i ON i.batch_id = b.id
          GROUP BY b.id, b.created_at, b.expires_at, b.ended_at, b.cancel_at, b.archived_at
          ORDER BY ${order}`;
}

/** A batch as the Batches API shows it: until it has ended, everything counts as processing. */
export function viewOf(row: Row): BatchView {
  const hasEnded = row.ended_at !== null;
  const count = (name: string) => (hasEnded ? Number(row[name]) : 0);
  return {
    id: String(row.id),
    createdAtMs: Number(row.created_at),
    expiresAtMs: Number(row.expires_at),
    endedAtMs: instant(row.ended_at),
    cancelInitiatedAtMs: instant(row.cancel_at),
    archivedAtMs: instant(row.archived_at),
    counts: {
      processing: hasEnded ? 0 : Number(row.items),
      succeeded: count('succeeded'),
      errored: count('errored'),
      canceled: count('canceled'),
      expired: count('expired'),
    },
  };
}

function instant(value: Row[string] | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}
