import type { Clock, Timer } from '../core/clock.ts';
import { type Statement, type Store, writeOne } from '../store/store.ts';
import { pruneEveryMs, pruneRows, rowBytes } from './limits.ts';

/** Rows by their number, the first and the last that are there. */
interface Span {
  readonly first: number;
  readonly last: number;
}

/** How much of the past is kept: what is older goes, and of the rest the oldest until it fits. */
export interface Retention {
  readonly days: number;
  readonly megabytes: number;
}

const dayMs = 86_400_000;
const tables = ['ledger_calls', 'ledger_attempts'] as const;
/** Rows are numbered in order, so the first and the last tell how many there are. */
const spanText = 'SELECT COALESCE(MIN(seq), 1) AS first, COALESCE(MAX(seq), 0) AS last FROM';

/**
 * Forgets old rows, a few at a time: a transaction of a million deletions would stop every write
 * behind it. The file does not shrink; what is freed in it is used again.
 */
export class Retirement {
  readonly #store: Store;
  readonly #clock: Clock;
  retention: Retention;
  #timer: Timer | null = null;
  #stopped = false;

  constructor(store: Store, clock: Clock, retention: Retention) {
    this.#store = store;
    this.#clock = clock;
    this.retention = retention;
  }

  /** Looks once a minute. */
  start(): void {
    if (this.#stopped) return;
    this.#timer = this.#clock.after(pruneEveryMs, () => {
      // A store that fails has told so where it is written to; a minute later it may be well.
      void this.prune()
        .catch(() => {})
        .then(() => this.start());
    });
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) this.#clock.cancel(this.#timer);
  }

  /** Deletes everything that is due, step by step. @throws StoreError */
  async prune(): Promise<void> {
    for (const table of [...tables, 'ledger_drops']) {
      while (!this.#stopped && (await this.#deletes(this.#olderThan(table)))) {
        // Each step is a transaction of its own.
      }
    }
    const spans = await Promise.all(tables.map((table) => this.#span(table)));
    const rows = spans.map(({ first, last }) => last - first + 1);
    for (const [index, keep] of shares(rows, (this.retention.megabytes * 1e6) / rowBytes).entries()) {
      const [table, { last }] = [tables[index] as string, spans[index] as Span];
      if (keep === rows[index]) continue;
      while (!this.#stopped && (await this.#deletes(before(table, last - keep)))) {
        // As above.
      }
    }
  }

  #olderThan(table: string): Statement {
    return {
      sql: `DELETE FROM ${table} WHERE seq IN (SELECT seq FROM ${table} WHERE at < rt_now() - $1 ORDER BY at LIMIT ${pruneRows}) RETURNING seq`,
      values: [this.retention.days * dayMs],
    };
  }

  /** @returns false when there is nothing more to delete */
  async #deletes(statement: Statement): Promise<boolean> {
    return (await writeOne(this.#store, statement)).length === pruneRows;
  }

  async #span(table: string): Promise<Span> {
    const [row] = await this.#store.read({ sql: `${spanText} ${table}`, values: [] });
    return { first: Number(row?.first ?? 1), last: Number(row?.last ?? 0) };
  }
}

/**
 * How many rows each table keeps: half of the room, and what the other leaves of its own. So calls that
 * went well, of which most are, do not push out the attempts that failed.
 */
function shares(rows: readonly number[], room: number): number[] {
  const all = rows.reduce((sum, count) => sum + count, 0);
  return rows.map((count) => Math.min(count, Math.floor(Math.max(room / 2, room - (all - count)))));
}

function before(table: string, seq: number): Statement {
  return {
    sql: `DELETE FROM ${table} WHERE seq IN (SELECT seq FROM ${table} WHERE seq <= $1 ORDER BY seq LIMIT ${pruneRows}) RETURNING seq`,
    values: [seq],
  };
}
