import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Clock } from '../core/clock.ts';
import { LruMap } from '../core/lru.ts';
import { busyMs, logBytesKept, statementsMax } from './bounds.ts';
import { type SqliteStatement, sqliteStatement } from './dialect.ts';
import { loadSqlite } from './load-sqlite.ts';
import { statementsOf } from './many-rows.ts';
import { type StoreFailure, sqliteFailure } from './sqlite-failure.ts';
import type { Outcome } from './sqlite-outcome.ts';
import { type Row, type RowPack, type SqlValue, type Statement, StoreError } from './store.ts';

type Prepared = { readonly statement: StatementSync } & Pick<SqliteStatement, 'order'>;

/** A connection to a SQLite database. Everything happens at once, in the thread that calls. */
export class SqliteConnection {
  readonly #db: DatabaseSync;
  readonly #virtualTime: boolean;
  readonly #statements = new LruMap<string, Prepared>(statementsMax);

  /**
   * @param path of the file; `:memory:` for a database that ends with the connection
   * @param clock what `rt_now()` is; null: the wall clock as SQLite reads it, which all processes share
   * @throws the error of `node:sqlite`
   */
  constructor(path: string, clock: Clock | null) {
    this.#db = new (loadSqlite().DatabaseSync)(path, { timeout: busyMs });
    this.#virtualTime = clock !== null;
    if (clock !== null) this.#db.function('rt_now', () => BigInt(Math.floor(clock.now())));
    try {
      // `fullfsync` makes macOS wait for the disk itself, and is nothing elsewhere.
      for (const pragma of ['journal_mode=WAL', 'synchronous=FULL', 'fullfsync=ON', 'checkpoint_fullfsync=ON']) {
        this.#db.exec(`PRAGMA ${pragma}`);
      }
      // A savepoint keeps the pages it changes, to undo them: on the disk, that was a fifth of a commit's cost.
      this.#db.exec('PRAGMA temp_store=MEMORY');
      this.#db.exec(`PRAGMA journal_size_limit=${logBytesKept}`);
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  /**
   * Commits writes together. Each stands in a savepoint, so that one that fails is undone alone;
   * where the commit fails, all of them have failed.
   */
  commit(writes: readonly (readonly Statement[])[]): Outcome[] {
    let committing = false;
    try {
      this.#db.exec('BEGIN IMMEDIATE');
      const outcomes = writes.map((statements) => this.#inSavepoint(statements));
      committing = true;
      this.#db.exec('COMMIT');
      return outcomes;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      const failure = sqliteFailure(error, committing);
      return writes.map(() => ({ failure }));
    }
  }

  #inSavepoint(statements: readonly Statement[]): Outcome {
    this.#db.exec('SAVEPOINT one');
    try {
      const rows = statements.map((statement) => this.#run(statement));
      this.#db.exec('RELEASE one');
      return { rows };
    } catch (error) {
      // A full disk may end the whole transaction, and with it the neighbours.
      if (!this.#db.isTransaction) throw error;
      this.#db.exec('ROLLBACK TO one');
      this.#db.exec('RELEASE one');
      return { failure: failureOf(error) };
    }
  }

  read(statement: Statement): Outcome {
    try {
      return { rows: [this.#run(statement)] };
    } catch (error) {
      return { failure: failureOf(error) };
    }
  }

  #run({ sql, values, rows }: Statement): readonly Row[] {
    if (rows !== undefined) return this.#insert(sql, rows);
    const { statement, order } = this.#statements.getOrCreate(sql, () => this.#prepare(sql));
    return statement.all(...order.map((at) => bindable(values[at] ?? null))) as unknown as readonly Row[];
  }

  /** A column that is declared as an integer makes one of the float that Node binds, so nothing is converted here. */
  #insert(sql: string, rows: RowPack): readonly Row[] {
    for (const group of statementsOf(sql, rows)) {
      const { statement } = this.#statements.getOrCreate(group.sql, () => this.#prepare(group.sql));
      statement.run(...group.values);
    }
    return [];
  }

  #prepare(sql: string): Prepared {
    const { text, order } = sqliteStatement(sql, this.#virtualTime);
    return { statement: this.#db.prepare(text), order };
  }

  /** Copies the database as it is now, in one step, so that writers cannot make it begin again. */
  async backup(path: string): Promise<Outcome> {
    try {
      await loadSqlite().backup(this.#db, path, { rate: 2 ** 31 - 1 });
      return { rows: [] };
    } catch (error) {
      return { failure: failureOf(error) };
    }
  }

  close(): void {
    this.#db.close();
  }
}

/** Node binds every number as a float, and `1.0` is no integer where its type shows. */
function bindable(value: SqlValue): SqlValue | bigint {
  return Number.isSafeInteger(value) ? BigInt(value as number) : value;
}

function failureOf(error: unknown): StoreFailure {
  return error instanceof StoreError ? { code: error.code, message: error.message } : sqliteFailure(error);
}
