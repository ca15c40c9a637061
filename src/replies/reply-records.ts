import { type Store, writeOne } from '../store/store.ts';
import { leaseMs, type ReplySettings } from './bounds.ts';

/** The right to answer the calls of one key, until its lease runs out. */
export interface Claim {
  readonly name: string;
  readonly fence: number;
  /** Somebody had it before and crashed: what it asked for may have been billed. */
  readonly takenOver: boolean;
}

/** What is known under a key. */
export type Known =
  | { readonly state: 'ours'; readonly claim: Claim }
  | { readonly state: 'running' }
  | { readonly state: 'kept'; readonly reply: Uint8Array }
  /** In use for another request. */
  | { readonly state: 'other' };

/** Nobody is answering it. */
const unleased = "(replies.state = 'kept' OR replies.lease_until <= rt_now())";
const held = "name = $1 AND fence = $2 AND state = 'running'";

/**
 * Who answers the calls of a key, and what was answered. Each operation is one statement, and
 * conditional on the fence: an owner that was given up writes nothing any more. Time is the database's.
 */
export class ReplyRecords {
  readonly #store: Store;
  readonly #owner: string;

  /** @param owner a name of this process that no other has */
  constructor(store: Store, owner: string) {
    this.#store = store;
    this.#owner = owner;
  }

  /**
   * Claims a key, or tells what became of it. A key is free where it is new, too old, or where the
   * one who had it for the same request has crashed.
   * @throws StoreError
   */
  async claim(name: string, print: string, { retention }: Pick<ReplySettings, 'retention'>): Promise<Known> {
    const [row] = await writeOne(this.#store, {
      sql: `INSERT INTO replies (name, print, state, owner, fence, lease_until, takeovers, created_at, expires_at, bytes)
            VALUES ($1, $2, 'running', $3, 1, rt_now() + ${leaseMs}, 0, rt_now(), rt_now() + $4, 0)
            ON CONFLICT (name) DO UPDATE SET print = $2, state = 'running', owner = $3, fence = replies.fence + 1,
              lease_until = rt_now() + ${leaseMs}, created_at = rt_now(), expires_at = rt_now() + $4, bytes = 0, reply = NULL,
              takeovers = CASE WHEN replies.state = 'running' AND replies.print = $2 THEN replies.takeovers + 1 ELSE 0 END
            WHERE ${unleased} AND (replies.expires_at <= rt_now() OR (replies.state = 'running' AND replies.print = $2))
            RETURNING fence, takeovers`,
      values: [name, print, this.#owner, Math.round(retention * 1000)],
    });
    if (row !== undefined) {
      return { state: 'ours', claim: { name, fence: Number(row.fence), takenOver: Number(row.takeovers) > 0 } };
    }
    return this.look(name, print);
  }

  /** What is known under a key, without claiming it; `running` also where it has just become free. @throws StoreError */
  async look(name: string, print: string): Promise<Known> {
    const [row] = await this.#store.read({
      sql: 'SELECT print, state, reply FROM replies WHERE name = $1',
      values: [name],
    });
    if (row !== undefined && row.print !== print) return { state: 'other' };
    return row?.reply instanceof Uint8Array ? { state: 'kept', reply: row.reply } : { state: 'running' };
  }

  /** @returns false when the lease was lost @throws StoreError */
  async renew({ name, fence }: Claim): Promise<boolean> {
    const sql = `UPDATE replies SET lease_until = rt_now() + ${leaseMs} WHERE ${held} RETURNING name`;
    return (await writeOne(this.#store, { sql, values: [name, fence] })).length > 0;
  }

  /** Keeps the answer, from now on for as long as was claimed. @param reply sealed @returns false when the lease was lost @throws StoreError */
  async keep({ name, fence }: Claim, reply: Uint8Array): Promise<boolean> {
    const sql = `UPDATE replies SET state = 'kept', reply = $3, bytes = $4,
                   expires_at = expires_at + (rt_now() - created_at) WHERE ${held} RETURNING name`;
    return (await writeOne(this.#store, { sql, values: [name, fence, reply, reply.length] })).length > 0;
  }

  /** Frees the key: what was answered is not worth keeping. @throws StoreError */
  async drop({ name, fence }: Claim): Promise<void> {
    await writeOne(this.#store, { sql: `DELETE FROM replies WHERE ${held}`, values: [name, fence] });
  }

  /** Throws away what is too old, and the oldest of what is too much. @throws StoreError */
  async purge({ megabytes }: Pick<ReplySettings, 'megabytes'>): Promise<void> {
    await this.#store.write([
      { sql: `DELETE FROM replies WHERE expires_at <= rt_now() AND ${unleased}`, values: [] },
      {
        sql: `DELETE FROM replies WHERE state = 'kept' AND name IN (
                SELECT name FROM (SELECT name, sum(bytes) OVER (ORDER BY created_at DESC, name) AS newer FROM replies) sums
                WHERE newer > $1)`,
        values: [megabytes * 2 ** 20],
      },
    ]);
  }
}
