import { join } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { RidethroughError } from '../core/errors.ts';
import { makeDataFolder } from './data-folder.ts';
import { migrate } from './migrate.ts';
import { type Store, StoreError } from './store.ts';

/** Name of the SQLite file in the data folder. */
export const databaseFile = 'ridethrough.db';

export interface StoreOptions {
  /** The data folder; made where it is missing. `defaultDataFolder` names the user's. */
  readonly data: string;
  /** `postgres://user:password@host:5432/name`; null: a SQLite file in the data folder. */
  readonly database: string | null;
  /** Paces what a store repeats by itself. The time in the database is the database's own. */
  readonly clock: Clock;
}

/**
 * Opens the store and brings its schema up to date.
 * @throws RidethroughError `unusable_store`, `invalid_usage` for a database that is no Postgres URL
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { database, data, clock } = options;
  if (database === null) return openMigrated(`in ${data}`, () => openFile(data));
  const { openPostgres, placeOf } = await import('./postgres.ts');
  return openMigrated(`at ${placeOf(database)}`, () => openPostgres(database, clock));
}

async function openFile(data: string): Promise<Store> {
  makeDataFolder(data);
  const { openSqlite } = await import('./sqlite.ts');
  return openSqlite(join(data, databaseFile));
}

async function openMigrated(place: string, open: () => Promise<Store>): Promise<Store> {
  let store: Store | null = null;
  try {
    store = await open();
    await migrate(store);
    return store;
  } catch (error) {
    await store?.close();
    if (!(error instanceof StoreError)) throw error;
    throw new RidethroughError('unusable_store', `The database ${place} cannot be used. ${error.message}`, {
      cause: error,
    });
  }
}
