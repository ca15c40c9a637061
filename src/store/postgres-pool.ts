import { type ClientBase, type ClientConfig, Pool, type PoolClient } from 'pg';
import { callsWaitingMax } from './bounds.ts';
import { isRefusal, postgresFailure } from './postgres-failure.ts';
import { beginSession } from './postgres-session.ts';
import { StoreError } from './store.ts';

/** A bounded number of connections, each with the session that `beginSession` wants. */
export class PostgresPool {
  readonly #pool: Pool;

  constructor(config: ClientConfig, connectionsMax: number) {
    // Pipelining sends a transaction in one go: its rows are locked for no round trip.
    this.#pool = new Pool({ ...config, pipeline: true, max: connectionsMax, onConnect: beginSession });
    // Connections that break while nobody uses them leave the pool by themselves.
    this.#pool.on('error', () => {});
    // While they are used, their calls tell of it; but a listener there must be, or the process ends.
    this.#pool.on('connect', (client) => client.on('error', () => {}));
  }

  /** Lends a connection. @throws StoreError where there is none, before any work; else what `work` throws */
  async use<T>(work: (client: ClientBase) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    let reusable = false;
    try {
      const result = await work(client);
      reusable = true;
      return result;
    } catch (error) {
      reusable = isRefusal(error);
      throw error;
    } finally {
      // A connection that is broken, or whose answer we no longer wait for, must not come back.
      client.release(!reusable);
    }
  }

  async end(): Promise<void> {
    await this.#pool.end();
  }

  async #connect(): Promise<PoolClient> {
    if (this.#pool.waitingCount >= callsWaitingMax) {
      throw new StoreError('busy', 'Too many calls wait for a connection to the database: slow down, or try again.');
    }
    try {
      return await this.#pool.connect();
    } catch (error) {
      throw postgresFailure(error, 'connecting');
    }
  }
}
