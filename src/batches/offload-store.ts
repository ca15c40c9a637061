import { lostAttempts } from '../ledger/lost.ts';
import { givenBack } from '../queue/cancel.ts';
import { type Row, type Statement, type Store, writeOne } from '../store/store.ts';

/** Whose items: those of one caller that are sent with one credential. */
export interface OffloadShare {
  readonly scope: string;
  readonly credential: string;
}

/** An item as it is kept: `request` is sealed. */
export interface OffloadItem {
  readonly id: string;
  readonly request: Uint8Array;
}

/**
 * A group of items on its way through the upstream's batches, held by one process at a time.
 *
 * ```
 * gathered ─▶ sent ─▶ open ─▶ gone    each item has its result, or is back in the queue
 *    └──────────┴─▶ gone              its batch was never made: the items are back in the queue
 * ```
 */
export interface OffloadGroup extends OffloadShare {
  readonly id: string;
  readonly state: 'gathered' | 'sent' | 'open';
  /** As many items were sent. */
  readonly items: number;
  /** The database's time; null before `sent`. */
  readonly sentAtMs: number | null;
  /** Since it was sent, by the same clock, when it was claimed; 0 before `sent`. */
  readonly ageMs: number;
  /** The upstream's id; null before `open`. */
  readonly batchId: string | null;
  readonly fence: number;
}

/** What an item came to in the upstream's batch: its sealed message, or null where it is to be asked for again. */
export interface OffloadResult {
  readonly id: string;
  readonly message: Uint8Array | null;
}

/** A process that has not ended a step in so long holds its group no more. No step but a long download takes a tenth of it. */
const leaseMs = 300_000;
/** As many items are looked at, and go into one batch, at most. */
const groupItemsMax = 1_000;
/** A batch is sent as one body, which is held in memory, as are the requests that are looked at for it. */
export const batchBytesMax = 64 * 2 ** 20;

/** May be offloaded: asked for with `ridethrough-priority: batch` (rank 3), or as old as configured ($1, -1: never); not twice. */
const offloadable = `state = 'waiting' AND offloads = 0 AND expires_at > rt_now()
  AND (priority = 3 OR ($1 >= 0 AND created_at <= rt_now() - $1))`;
const held = 'id = $1 AND fence = $2';
/** An item comes back: of those that were not answered the API bills none; where nothing is known, it may have. */
const backUnbilled = givenBack("'waiting'", '1 = 0');
const backUnsure = givenBack("'waiting'", '1 = 1');

/**
 * What offload keeps in the database. A group and its items change in one transaction, and every step
 * of a group is conditional on its fence: killed between any two, the next holder goes on from there.
 */
export class OffloadStore {
  readonly #store: Store;
  readonly #owner: string;

  /** @param owner a name of this process that no other has */
  constructor(store: Store, owner: string) {
    this.#store = store;
    this.#owner = owner;
  }

  /** Who has items that may be offloaded. @param afterMs age from which any item may; null: none by age */
  async shares(afterMs: number | null): Promise<OffloadShare[]> {
    const sql = `SELECT scope, credential FROM queue_items WHERE ${offloadable} GROUP BY scope, credential`;
    const rows = await this.#store.read({ sql, values: [afterMs ?? -1] });
    return rows.map((row) => ({ scope: String(row.scope), credential: String(row.credential) }));
  }

  /** The oldest items of a share that may be offloaded, as many as one batch may hold. */
  async candidates({ scope, credential }: OffloadShare, afterMs: number | null): Promise<OffloadItem[]> {
    const oldest = `SELECT id, created_at, bytes FROM queue_items WHERE ${offloadable} AND scope = $2 AND credential = $3
      ORDER BY created_at, id LIMIT ${groupItemsMax}`;
    const sized = `SELECT id, sum(bytes) OVER (ORDER BY created_at, id) - bytes AS before FROM (${oldest}) AS oldest`;
    const sql = `SELECT id, request FROM queue_items
      WHERE id IN (SELECT id FROM (${sized}) AS sized WHERE before < ${batchBytesMax}) ORDER BY created_at, id`;
    return itemsOf(await this.#store.read({ sql, values: [afterMs ?? -1, scope, credential] }));
  }

  /** Makes a group of those items that still wait. */
  async gather(id: string, { scope, credential }: OffloadShare, items: readonly string[]): Promise<void> {
    const marks = items.map((_, index) => `$${index + 2}`).join(', ');
    await this.#store.write([
      {
        sql: `UPDATE queue_items SET state = 'offloaded', offload_id = $1, offloads = offloads + 1
              WHERE id IN (${marks}) AND state = 'waiting'`,
        values: [id, ...items],
      },
      {
        sql: `INSERT INTO queue_offloads (id, scope, credential, state, items, created_at, ready_at)
              VALUES ($1, $2, $3, 'gathered', 0, rt_now(), rt_now())`,
        values: [id, scope, credential],
      },
    ]);
  }

  /** These are not for batches: they are asked for live, and at once. */
  async exclude(items: readonly string[]): Promise<void> {
    const marks = items.map((_, index) => `$${index + 1}`).join(', ');
    const sql = `UPDATE queue_items SET offloads = offloads + 1, ready_at = rt_now() WHERE id IN (${marks}) AND state = 'waiting'`;
    await this.#store.write([{ sql, values: [...items] }]);
  }

  /** Takes the next group with something to do. @returns null when there is none */
  async claim(): Promise<OffloadGroup | null> {
    const [row] = await writeOne(this.#store, {
      sql: `WITH next AS MATERIALIZED (
              SELECT id FROM queue_offloads
              WHERE ready_at <= rt_now() AND (lease_until IS NULL OR lease_until <= rt_now())
              ORDER BY ready_at, id LIMIT 1 {skip_locked})
            UPDATE queue_offloads SET owner = $1, fence = fence + 1, lease_until = rt_now() + ${leaseMs}
            WHERE id IN (SELECT id FROM next) RETURNING id, scope, credential, state, items, sent_at,
              rt_now() - sent_at AS age_ms, batch_id, fence`,
      values: [this.#owner],
    });
    return row === undefined ? null : groupOf(row);
  }

  /** The items of a group that are still with it. */
  async itemsOf({ id }: OffloadGroup): Promise<OffloadItem[]> {
    const sql =
      "SELECT id, request FROM queue_items WHERE offload_id = $1 AND state = 'offloaded' ORDER BY created_at, id";
    return itemsOf(await this.#store.read({ sql, values: [id] }));
  }

  /** Records that the batch is about to be created: from now on it may exist. @returns false when the group was lost */
  async sending({ id, fence }: OffloadGroup, items: number): Promise<boolean> {
    const rows = await writeOne(this.#store, {
      sql: `UPDATE queue_offloads SET state = 'sent', sent_at = rt_now(), items = $3 WHERE ${held} RETURNING id`,
      values: [id, fence, items],
    });
    return rows.length > 0;
  }

  /** The batch exists. */
  async opened({ id, fence }: OffloadGroup, batchId: string, afterMs: number): Promise<void> {
    await writeOne(this.#store, {
      sql: `UPDATE queue_offloads SET state = 'open', batch_id = $3, owner = NULL, lease_until = NULL, ready_at = rt_now() + $4
            WHERE ${held}`,
      values: [id, fence, batchId, Math.round(afterMs)],
    });
  }

  /** Lets go of a group until later. */
  async postpone({ id, fence }: OffloadGroup, afterMs: number): Promise<void> {
    await writeOne(this.#store, {
      sql: `UPDATE queue_offloads SET owner = NULL, lease_until = NULL, ready_at = rt_now() + $3 WHERE ${held}`,
      values: [id, fence, Math.round(afterMs)],
    });
  }

  /** Whether anybody still wants an item of the group. */
  async isWanted({ id }: OffloadGroup): Promise<boolean> {
    const sql = `SELECT count(*) AS wanted FROM queue_items i JOIN queue_batches b ON b.id = i.batch_id
                 WHERE i.offload_id = $1 AND i.state = 'offloaded' AND b.cancel_at IS NULL`;
    const [row] = await this.#store.read({ sql, values: [id] });
    return Number(row?.wanted) > 0;
  }

  /** The upstream's batches that belong to groups. */
  async knownBatches(): Promise<Set<string>> {
    const rows = await this.#store.read({
      sql: 'SELECT batch_id FROM queue_offloads WHERE batch_id IS NOT NULL',
      values: [],
    });
    return new Set(rows.map((row) => String(row.batch_id)));
  }

  /** Records messages, each once, and puts the other items back. Those that have been canceled meanwhile stay so. */
  async record({ id }: OffloadGroup, results: readonly OffloadResult[]): Promise<void> {
    const ours = "id = $1 AND offload_id = $2 AND state = 'offloaded'";
    const statements = results.map(
      ({ id: item, message }): Statement =>
        message === null
          ? { sql: `UPDATE queue_items SET ${backUnbilled}, ready_at = rt_now() WHERE ${ours}`, values: [item, id] }
          : {
              sql: `UPDATE queue_items SET state = 'succeeded', result = $3, request = NULL, ended_at = rt_now() WHERE ${ours}`,
              values: [item, id, message],
            },
    );
    if (statements.length > 0) await this.#store.write(statements);
  }

  /**
   * Ends a group: whatever is still with it goes back to the queue. What had been sent before this step
   * may have been billed all the same, and is written in the ledger.
   * @param again true: its batch was never made, so the items may be offloaded another time
   */
  async dissolve({ id, fence, state }: OffloadGroup, again: boolean): Promise<void> {
    const wasSent = state !== 'gathered';
    await this.#store.write([
      ...(wasSent ? [lostAttempts(stillSent, [id, fence])] : []),
      {
        sql: `UPDATE queue_items SET ${wasSent ? backUnsure : backUnbilled}, offloads = offloads - $3,
                ready_at = CASE WHEN $3 = 1 THEN ready_at ELSE rt_now() END
              WHERE offload_id = $1 AND state = 'offloaded'
                AND EXISTS (SELECT 1 FROM queue_offloads WHERE id = $1 AND fence = $2)`,
        values: [id, fence, again ? 1 : 0],
      },
      { sql: `DELETE FROM queue_offloads WHERE ${held}`, values: [id, fence] },
    ]);
  }
}

/** Items of a group whose answers nobody knows. */
const stillSent = `SELECT i.id || '.' || o.id AS call_id, o.sent_at AS at, rt_now() - o.sent_at AS total_ms, i.model,
    i.credential, i.bytes AS bytes_sent
  FROM queue_items i JOIN queue_offloads o ON o.id = i.offload_id
  WHERE o.id = $1 AND o.fence = $2 AND i.state = 'offloaded'`;

function itemsOf(rows: readonly Row[]): OffloadItem[] {
  return rows.flatMap(({ id, request }) => (request instanceof Uint8Array ? [{ id: String(id), request }] : []));
}

function groupOf(row: Row): OffloadGroup {
  return {
    id: String(row.id),
    scope: String(row.scope),
    credential: String(row.credential),
    state: String(row.state) as OffloadGroup['state'],
    items: Number(row.items),
    sentAtMs: row.sent_at === null ? null : Number(row.sent_at),
    ageMs: Number(row.age_ms ?? 0),
    batchId: row.batch_id === null ? null : String(row.batch_id),
    fence: Number(row.fence),
  };
}
