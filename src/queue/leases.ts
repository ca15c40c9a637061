import type { QueueSettings } from '../core/limits.ts';
import { isLost, lostAttempts } from '../ledger/lost.ts';
import { type Store, writeOne } from '../store/store.ts';
import { givenBack } from './cancel.ts';
import { leaseMs } from './limits.ts';
import { priorityRank } from './put.ts';
import type { ItemState } from './queue.ts';

/** A right to work on an item, until it runs out. The fence is higher with each: who holds an older one writes nothing. */
export interface Lease {
  readonly id: string;
  readonly batchId: string;
  readonly fence: number;
  /** Times it was sent before. */
  readonly attempts: number;
  /** True: it was put with the priority `batch`, else with a dearer one. */
  readonly isBatch: boolean;
  /** As kept, sealed. */
  readonly request: Uint8Array;
}

/** The id of the call that sends an item under a lease: another for each, wherever attempts are written down. */
export function sendingId({ id, fence }: Lease): string {
  return `${id}.${fence}`;
}

/** Whose items: one lane of the engine, and one caller on it. */
export interface Share {
  readonly credential: string;
  readonly model: string;
  readonly scope: string;
}

/** How an attempt ended that answered nothing for good. */
export interface Return {
  /** It comes again after this long. */
  readonly afterMs: number;
  /** True: nothing was sent, and the attempt does not count. */
  readonly unsent: boolean;
  /** Exchanges of it that may have been billed though their answers were lost. */
  readonly unsure: number;
  /** True: it does not come again by itself; somebody has to look at it. */
  readonly quarantine: boolean;
  /** Type of the error, for people; null where there was none. */
  readonly error: string | null;
}

/** What became of a leased item that nobody heard of again. */
export interface Reaped {
  readonly id: string;
  readonly state: string;
  /** It had been sent: it may have been billed. */
  readonly unsure: boolean;
}

/** See `sendingId`. */
const callIdText = "queue_items.id || '.' || queue_items.fence";

const unleased = 'owner = NULL, lease_until = NULL, sent_at = NULL';
/** Where a lost answer is not asked for again, by configuration or after so many attempts, somebody has to look. */
const reapedTo = `CASE WHEN sent_at IS NOT NULL AND ($1 = 'quarantine' OR attempts >= $2) THEN 'quarantined' ELSE 'waiting' END`;
const ranOut = "state = 'running' AND lease_until <= rt_now()";
const held = "id = $1 AND fence = $2 AND state = 'running'";

/**
 * Claims, leases and their ends. Every operation is one transaction and conditional on the fence, so
 * each is atomic by itself and a holder that was given up changes nothing any more. Time is the database's.
 */
export class Leases {
  readonly #store: Store;
  readonly #owner: string;

  /** @param owner a name of this process that no other has */
  constructor(store: Store, owner: string) {
    this.#store = store;
    this.#owner = owner;
  }

  /** Takes the next item of a share: the dearest priority, then the oldest. @returns null when none is ready */
  async claim({ credential, model, scope }: Share): Promise<Lease | null> {
    const [row] = await writeOne(this.#store, {
      sql: `WITH next AS MATERIALIZED (
              SELECT id FROM queue_items
              WHERE state = 'waiting' AND credential = $1 AND model = $2 AND scope = $3
                AND ready_at <= rt_now() AND expires_at > rt_now()
              ORDER BY priority, created_at, id LIMIT 1 {skip_locked})
            UPDATE queue_items SET state = 'running', owner = $4, fence = fence + 1, sent_at = NULL,
              lease_until = rt_now() + ${leaseMs}
            WHERE id IN (SELECT id FROM next) AND state = 'waiting'
            RETURNING id, batch_id, fence, attempts, priority, request`,
      values: [credential, model, scope, this.#owner],
    });
    if (row === undefined) return null;
    return {
      id: String(row.id),
      batchId: String(row.batch_id),
      fence: Number(row.fence),
      attempts: Number(row.attempts),
      isBatch: row.priority === priorityRank.batch,
      request: row.request as Uint8Array,
    };
  }

  /** Records the attempt, before it is sent: from now on it may be billed. @returns false when the lease was lost */
  async sending({ id, fence }: Lease): Promise<boolean> {
    const rows = await writeOne(this.#store, {
      sql: `UPDATE queue_items SET sent_at = rt_now(), attempts = attempts + 1 WHERE ${held} AND lease_until > rt_now()
            RETURNING id`,
      values: [id, fence],
    });
    return rows.length > 0;
  }

  /** @returns those of the leases that are lost */
  async renew(leases: readonly Lease[]): Promise<Lease[]> {
    const results = await this.#store.write(
      leases.map(({ id, fence }) => ({
        sql: `UPDATE queue_items SET lease_until = rt_now() + ${leaseMs} WHERE ${held} RETURNING id`,
        values: [id, fence],
      })),
    );
    return leases.filter((_, index) => results[index]?.length === 0);
  }

  /**
   * Records the result, which happens once. What was asked is needed no more where it succeeded.
   * @param result sealed @returns false when the lease was lost: the result is somebody else's to give
   */
  async finish(
    { id, fence }: Lease,
    state: 'succeeded' | 'errored',
    result: Uint8Array,
    { unsure, error }: Pick<Return, 'unsure' | 'error'>,
  ): Promise<boolean> {
    const rows = await writeOne(this.#store, {
      sql: `UPDATE queue_items SET state = $3, result = $4, unsure = unsure + $5, last_error = $6, ended_at = rt_now(),
              request = CASE WHEN $3 = 'succeeded' THEN NULL ELSE request END, ${unleased}
            WHERE ${held} RETURNING id`,
      values: [id, fence, state, result, unsure, error],
    });
    return rows.length > 0;
  }

  /** Puts an item back. @returns its state: it has ended where its batch was canceled; null when the lease was lost */
  async release(
    { id, fence }: Lease,
    { afterMs, unsent, unsure, quarantine, error }: Return,
  ): Promise<ItemState | null> {
    const [row] = await writeOne(this.#store, {
      sql: `UPDATE queue_items SET ${givenBack("CASE WHEN $7 = 1 THEN 'quarantined' ELSE 'waiting' END", '$5 > 0')},
              ready_at = rt_now() + $3, attempts = attempts - $4, unsure = unsure + $5,
              last_error = coalesce($6, last_error), ${unleased}
            WHERE ${held} RETURNING state`,
      values: [id, fence, Math.round(afterMs), unsent ? 1 : 0, unsure, error, quarantine ? 1 : 0],
    });
    return row === undefined ? null : (String(row.state) as ItemState);
  }

  /**
   * Gives up the leases that ran out. What was not sent waits again; what was sent may have been
   * billed: that is written in the ledger, and it waits again or is quarantined, as configured. One that
   * has used its attempts is quarantined in any case: it may be what kills those who hold it.
   */
  async reap({ unsure, attempts }: Pick<QueueSettings, 'unsure' | 'attempts'>): Promise<Reaped[]> {
    const lost = lostAttempts(
      `SELECT ${callIdText} AS call_id, sent_at AS at, rt_now() - sent_at AS total_ms, model, credential,
         bytes AS bytes_sent FROM queue_items WHERE ${ranOut} AND sent_at IS NOT NULL`,
    );
    // Time goes on between the two: what ran out meanwhile is not in the ledger yet, and is left for the next time.
    const [, rows = []] = await this.#store.write([
      lost,
      {
        sql: `UPDATE queue_items SET ready_at = rt_now(), unsure = unsure + CASE WHEN sent_at IS NULL THEN 0 ELSE 1 END,
              ${givenBack(reapedTo, 'sent_at IS NOT NULL')},
              last_error = CASE WHEN sent_at IS NULL THEN last_error ELSE 'answer_lost' END,
              owner = NULL, lease_until = NULL
            WHERE ${ranOut} AND (sent_at IS NULL OR ${isLost(callIdText)})
            RETURNING id, state, sent_at`,
        values: [unsure, attempts],
      },
    ]);
    return rows.map((row) => ({ id: String(row.id), state: String(row.state), unsure: row.sent_at !== null }));
  }
}
