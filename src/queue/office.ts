import type { Row, SqlValue, Store } from '../store/store.ts';
import { cancelItems } from './cancel.ts';
import type { ItemState } from './queue.ts';
import { endBatches } from './upkeep.ts';

/** One queued request as operators see it: never what is asked, nor with which key. */
export interface ItemRecord {
  readonly id: string;
  /** The batch it is read under. */
  readonly batch: string;
  readonly customId: string;
  readonly model: string;
  readonly state: ItemState;
  /** `token:NAME`, `caller:HMAC` or `local`. */
  readonly scope: string;
  /** `env:NAME`, `caller:HMAC` or `none`. */
  readonly credential: string;
  readonly bytes: number;
  /** Instants are in milliseconds, by the database's clock. */
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** It is not sent before. */
  readonly readyAtMs: number;
  readonly endedAtMs: number | null;
  readonly attempts: number;
  /** Attempts that may have been billed though their answers were lost. */
  readonly unsure: number;
  /** Type of the last error; null where there was none. */
  readonly lastError: string | null;
  /** The upstream's batch it went to; null where it is with none. */
  readonly offloadedTo: string | null;
  readonly readAtMs: number;
}

/** Which items to list. */
export interface ItemFilter {
  /** An item's id, or its batch's; null: all. */
  readonly id: string | null;
  readonly state: ItemState | null;
  readonly limit: number;
}

/** How ids are given: an item's, or that of a batch, which means all its items. */
const named = '(queue_items.id = $1 OR queue_items.batch_id = $1)';

/** What is told of an item. Requests and results are not: of a thousand items they may be gigabytes. */
const columns = `queue_items.id, queue_items.batch_id, custom_id, model, queue_items.state, queue_items.scope,
  queue_items.credential, bytes, queue_items.created_at, expires_at, queue_items.ready_at, ended_at, attempts, unsure, last_error`;

/** Lists items, newest first. @throws StoreError */
export async function listItems(store: Store, { id, state, limit }: ItemFilter): Promise<ItemRecord[]> {
  const values: SqlValue[] = [id ?? '', state ?? '', limit];
  const rows = await store.read({
    sql: `SELECT ${columns}, o.batch_id AS offloaded_to, rt_now() AS read_at
          FROM queue_items LEFT JOIN queue_offloads o ON o.id = offload_id AND queue_items.state = 'offloaded'
          WHERE ($1 = '' OR ${named}) AND ($2 = '' OR queue_items.state = $2)
          ORDER BY queue_items.created_at DESC, queue_items.id LIMIT $3`,
    values,
  });
  return rows.map(recordOf);
}

/**
 * Cancels what has not been sent, for good. What is under way may still end.
 * @param id of an item or a batch
 * @returns how many items @throws StoreError
 */
export async function giveUpItems(store: Store, id: string): Promise<number> {
  const count = await cancelItems(store, id, null);
  await endBatches(store, null);
  return count;
}

/**
 * Sends again what was given up: errored, expired or quarantined. Its batch is open again.
 * @param id of an item or a batch
 * @returns how many items; those whose requests are gone are none @throws StoreError
 */
export async function retryItems(store: Store, id: string): Promise<number> {
  const life = 'CASE WHEN expires_at <= rt_now() THEN rt_now() + (expires_at - created_at) ELSE expires_at END';
  const [rows = []] = await store.write([
    {
      sql: `UPDATE queue_items SET state = 'waiting', attempts = 0, ready_at = rt_now(), expires_at = ${life},
              ended_at = NULL, result = NULL
            WHERE ${named} AND state IN ('errored', 'expired', 'quarantined') AND request IS NOT NULL RETURNING id`,
      values: [id],
    },
    {
      sql: `UPDATE queue_batches SET ended_at = NULL, cancel_at = NULL, notice_at = NULL, expires_at = ${life}
            WHERE id IN (SELECT batch_id FROM queue_items WHERE ${named} AND state = 'waiting')`,
      values: [id],
    },
  ]);
  return rows.length;
}

/**
 * Deletes ended batches with their requests and results.
 * @param id of a batch; null: all that have ended
 * @returns how many batches @throws StoreError
 */
export async function purgeBatches(store: Store, id: string | null): Promise<number> {
  const which = "ended_at IS NOT NULL AND ($1 = '' OR id = $1)";
  const values = [id ?? ''];
  const [, rows = []] = await store.write([
    { sql: `DELETE FROM queue_items WHERE batch_id IN (SELECT id FROM queue_batches WHERE ${which})`, values },
    { sql: `DELETE FROM queue_batches WHERE ${which} RETURNING id`, values },
  ]);
  return rows.length;
}

/** Why an item is where it is, and what can be done about it: one sentence for people. */
export function explainItem(item: ItemRecord): string {
  const { state, readyAtMs, readAtMs, lastError, credential, offloadedTo } = item;
  const failed = lastError === null ? '' : ` Its last attempt ended with ${lastError}.`;
  if (state === 'running') return `A gateway is sending it.${failed}`;
  if (state === 'offloaded')
    return offloadedTo === null
      ? 'It is about to go into a batch of the upstream.'
      : `It is in the batch ${offloadedTo} of the upstream.`;
  if (state === 'quarantined') {
    return 'It was sent, and its answer was lost: it may have been billed. `queue retry` sends it again, `queue cancel` gives it up.';
  }
  if (state !== 'waiting') return `It has ended: ${state}.${failed}`;
  if (readyAtMs > readAtMs) {
    return `It is not sent before ${new Date(readyAtMs).toISOString()}, unless a batch of the upstream takes it.${failed}`;
  }
  const turn = 'It is sent when its route is well, behind live calls.';
  if (!credential.startsWith('caller:')) return `${turn}${failed}`;
  return `${turn} It was asked for with its caller's own key, which a gateway knows only once that caller has called it since its start.${failed}`;
}

function recordOf(row: Row): ItemRecord {
  const orNull = (value: SqlValue | undefined) => (value === null || value === undefined ? null : value);
  return {
    id: String(row.id),
    batch: String(row.batch_id),
    customId: String(row.custom_id),
    model: String(row.model),
    state: String(row.state) as ItemState,
    scope: String(row.scope),
    credential: String(row.credential),
    bytes: Number(row.bytes),
    createdAtMs: Number(row.created_at),
    expiresAtMs: Number(row.expires_at),
    readyAtMs: Number(row.ready_at),
    endedAtMs: orNull(row.ended_at) === null ? null : Number(row.ended_at),
    attempts: Number(row.attempts),
    unsure: Number(row.unsure),
    lastError: orNull(row.last_error) === null ? null : String(row.last_error),
    offloadedTo: orNull(row.offloaded_to) === null ? null : String(row.offloaded_to),
    readAtMs: Number(row.read_at),
  };
}
