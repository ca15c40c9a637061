import { Socket } from 'node:net';
import type { ClientBase, ClientConfig, QueryResult } from 'pg';
import type { Clock } from '../core/clock.ts';
import { answerMs, closeMs, connectionsMax, connectMs, repeatsMax } from './bounds.ts';
import { postgresText } from './dialect.ts';
import { statementsOf } from './many-rows.ts';
import { isCalledOff, postgresFailure } from './postgres-failure.ts';
import { PostgresHints } from './postgres-hints.ts';
import { PostgresPool } from './postgres-pool.ts';
import { columnTypes } from './postgres-types.ts';
import { type Row, type Statement, type Store, StoreError } from './store.ts';

export { placeOf } from './postgres-url.ts';

/**
 * Connects to a Postgres server, 14 or newer.
 * @param database `postgres://user:password@host:5432/name`, with the parameters of libpq
 * @throws StoreError where it cannot be reached, or cannot keep what it acknowledges
 */
export async function openPostgres(database: string, clock: Clock): Promise<Store> {
  const store = new PostgresStore(database, clock);
  try {
    await store.read({ sql: 'SELECT 1', values: [] });
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Writes and reads have connections of their own, so that no reader waits behind a crowd of writers. */
class PostgresStore implements Store {
  readonly kind = 'postgres';
  readonly #writers: PostgresPool;
  readonly #readers: PostgresPool;
  readonly #hints: PostgresHints;
  readonly #running = new Set<Promise<unknown>>();
  readonly #sockets = new Set<Socket>();
  readonly #clock: Clock;
  #closing: Promise<void> | null = null;

  constructor(database: string, clock: Clock) {
    this.#clock = clock;
    const config: ClientConfig = {
      connectionString: database,
      application_name: 'ridethrough',
      connectionTimeoutMillis: connectMs,
      query_timeout: answerMs,
      keepAlive: true,
      stream: () => this.#newSocket(),
      types: columnTypes,
    };
    this.#writers = new PostgresPool(config, connectionsMax.writing);
    this.#readers = new PostgresPool(config, connectionsMax.reading);
    this.#hints = new PostgresHints(this.#writers, config, clock);
  }

  async write(statements: readonly Statement[]): Promise<readonly (readonly Row[])[]> {
    this.#refuseClosed();
    return this.#follow(this.#write(statements));
  }

  async read(statement: Statement): Promise<readonly Row[]> {
    this.#refuseClosed();
    return this.#follow(this.#read(statement));
  }

  async #read(statement: Statement): Promise<readonly Row[]> {
    try {
      return await this.#readers.use(async (client) => (await query(client, statement)).rows);
    } catch (error) {
      throw postgresFailure(error, 'reading');
    }
  }

  async #write(statements: readonly Statement[]): Promise<readonly (readonly Row[])[]> {
    for (let repeats = 0; ; repeats++) {
      try {
        return await this.#writers.use((client) => transact(client, statements));
      } catch (error) {
        if (!isCalledOff(error) || repeats === repeatsMax) throw postgresFailure(error, 'writing');
      }
    }
  }

  hint(topic: string): void {
    this.#hints.tell(topic);
  }

  onHint(topic: string, listener: () => void): () => void {
    return this.#hints.add(topic, listener);
  }

  async backup(): Promise<void> {
    throw new StoreError('refused', 'A Postgres database is backed up by its own tools: use pg_dump.');
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#running);
    const timer = this.#clock.after(closeMs, () => {
      for (const socket of this.#sockets) socket.destroy();
    });
    await this.#hints.close();
    await Promise.all([this.#writers.end(), this.#readers.end()]);
    this.#clock.cancel(timer);
  }

  /** Kept at hand, because a connection of `pg` ends only when its server agrees. */
  #newSocket(): Socket {
    const socket = new Socket();
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }

  #refuseClosed(): void {
    if (this.#closing !== null) throw new StoreError('gone', 'The store has been closed.');
  }

  /** The pool would leave those who wait for a connection without an answer when it ends. */
  #follow<T>(call: Promise<T>): Promise<T> {
    this.#running.add(call);
    const forget = () => this.#running.delete(call);
    call.then(forget, forget);
    return call;
  }
}

/** One statement commits by itself; several are a transaction, sent without waiting for answers in between. */
async function transact(client: ClientBase, statements: readonly Statement[]): Promise<readonly (readonly Row[])[]> {
  const [only] = statements;
  if (only === undefined) return [];
  if (statements.length === 1 && only.rows === undefined) return [(await query(client, only)).rows];
  // Texts that are not to be sent are refused before anything is.
  const parts = statements.map((statement) => partsOf(statement));
  const begun = client.query('BEGIN');
  const results = parts.flat().map(({ sql, values }) => client.query<Row>(sql, [...values]));
  const settled = await Promise.allSettled([begun, ...results, client.query('COMMIT')]);
  const failed = settled.find((each) => each.status === 'rejected');
  if (failed === undefined) {
    const came = settled.slice(1, -1).values();
    return parts.map((each) => each.flatMap(() => rowsOf(came.next().value)));
  }
  // Without its BEGIN, each statement has committed by itself.
  const committed = settled.at(-1)?.status === 'fulfilled';
  if (failed === settled[0] && committed)
    throw new StoreError('unsure', 'The server did not begin a transaction, but went on.');
  throw failed.reason;
}

/** What is sent for a statement, as Postgres reads it. */
function partsOf({ sql, values, rows }: Statement): Statement[] {
  const parts = rows === undefined ? [{ sql, values }] : [...statementsOf(sql, rows)];
  return parts.map((part) => ({ ...part, sql: postgresText(part.sql) }));
}

function rowsOf(settled: PromiseSettledResult<QueryResult<Row>> | undefined): readonly Row[] {
  return settled?.status === 'fulfilled' ? settled.value.rows : [];
}

function query(client: ClientBase, { sql, values }: Statement): Promise<QueryResult<Row>> {
  return client.query<Row>(postgresText(sql), [...values]);
}
