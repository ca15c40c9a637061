import { RidethroughError } from '../core/errors.ts';
import { migrations as ours } from './migrations/index.ts';
import { type Statement, type Store, StoreError } from './store.ts';

/** One step of the schema: SQL in the dialect of `Store`, one statement a text. */
export interface Migration {
  /** The number its file begins with. */
  readonly version: number;
  /** The rest of the file's name. */
  readonly name: string;
  readonly statements: readonly string[];
}

/** What stands before a step in its transaction: nobody else changes the schema meanwhile. */
const preludes: Readonly<Record<Store['kind'], readonly string[]>> = {
  // A transaction of SQLite that writes is alone from its beginning.
  sqlite: [],
  postgres: [`SELECT pg_advisory_xact_lock(hashtext('ridethrough migrations'))`],
};

/** What every database has, before the first step. */
const foundations: Readonly<Record<Store['kind'], readonly string[]>> = {
  sqlite: [],
  postgres: [
    // The time when the statement began is one instant for all its rows, so an index can be used with it.
    `CREATE OR REPLACE FUNCTION rt_now() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
     AS 'SELECT (extract(epoch FROM statement_timestamp()) * 1000)::bigint'`,
  ],
};

const table =
  'CREATE TABLE IF NOT EXISTS rt_migrations (version BIGINT PRIMARY KEY, name TEXT NOT NULL, at BIGINT NOT NULL)';

/**
 * Brings the schema up to date. Each step is one transaction that begins with its own entry, so of
 * two processes that start at once one makes the step, and the other finds it made.
 * @param migrations default: all that this version knows
 * @throws RidethroughError `unusable_store` when the schema is newer than this version; StoreError
 */
export async function migrate(store: Store, migrations: readonly Migration[] = ours): Promise<void> {
  let applied = await appliedVersions(store);
  if (applied === null) {
    await store.write(asStatements([...preludes[store.kind], table, ...foundations[store.kind]]));
    applied = new Set();
  }
  refuseNewer(applied, migrations);
  for (const migration of migrations) {
    if (!applied.has(migration.version)) await apply(store, migration);
  }
}

async function apply(store: Store, { version, name, statements }: Migration): Promise<void> {
  const entry = {
    sql: 'INSERT INTO rt_migrations (version, name, at) VALUES ($1, $2, rt_now())',
    values: [version, name],
  };
  try {
    await store.write([...asStatements(preludes[store.kind]), entry, ...asStatements(statements)]);
  } catch (error) {
    // Refused, because somebody else was faster; or unsure, and it has happened.
    if ((await appliedVersions(store))?.has(version) !== true) throw error;
  }
}

/** null: the database is new. */
async function appliedVersions(store: Store): Promise<Set<number> | null> {
  try {
    const rows = await store.read({ sql: 'SELECT version FROM rt_migrations', values: [] });
    return new Set(rows.map((row) => Number(row.version)));
  } catch (error) {
    if (error instanceof StoreError && error.code === 'refused') return null;
    throw error;
  }
}

function refuseNewer(applied: ReadonlySet<number>, migrations: readonly Migration[]): void {
  const known = Math.max(0, ...migrations.map(({ version }) => version));
  const found = Math.max(0, ...applied);
  if (found <= known) return;
  throw new RidethroughError(
    'unusable_store',
    `The database has schema ${found}, and this version of Ridethrough knows ${known}: a newer version has used it. Update Ridethrough, or name another place with --data or --database.`,
  );
}

function asStatements(texts: readonly string[]): Statement[] {
  return texts.map((sql) => ({ sql, values: [] }));
}
