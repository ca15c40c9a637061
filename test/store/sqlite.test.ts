import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { openSqlite } from '../../src/store/sqlite.ts';
import { startWorker } from '../../src/store/sqlite-thread.ts';
import type { Statement, Store } from '../../src/store/store.ts';
import { inlineSqlite } from '../../src/testing/inline-sqlite.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';

const sql = (text: string, ...values: Statement['values']): Statement => ({ sql: text, values });

const count = async (store: Store) => (await store.read(sql('SELECT count(*) AS n FROM things')))[0]?.n;

interface Opened {
  readonly path: string;
  readonly store: Store;
  /** Threads that were started, the writer first. */
  readonly threads: Worker[];
}

/** @param failing the thread of this number cannot be started */
async function opened(t: TestContext, failing = 0): Promise<Opened> {
  const folder = mkdtempSync(join(tmpdir(), 'ridethrough-sqlite-'));
  const path = join(folder, 'a.db');
  const threads: Worker[] = [];
  let starts = 0;
  const store = await openSqlite(path, (name) => {
    if (++starts === failing) throw new Error('ERR_WORKER_INIT_FAILED: EAGAIN');
    const worker = startWorker(name);
    threads.push(worker);
    return worker;
  });
  t.after(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });
  await store.write([sql('CREATE TABLE things (id BIGINT PRIMARY KEY, bytes {blob})')]);
  return { path, store, threads };
}

/** Takes a good part of a second on any machine. */
const slow = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000) SELECT max(i) FROM n';

test('a thread that dies while it writes makes the write unsure, and another goes on', async (t) => {
  const { store, threads } = await opened(t);
  const lost = store.write([sql('INSERT INTO things (id) VALUES (1)'), sql(slow)]);
  const refused = assert.rejects(lost, { code: 'unsure' });
  await Promise.resolve();
  const later = store.write([sql('INSERT INTO things (id) VALUES (2)')]);
  await threads[0]?.terminate();
  await refused;
  await later;
  // The one that is unsure may be there or not: what the dying thread still does is its engine's affair.
  const ids = (await store.read(sql('SELECT id FROM things ORDER BY id'))).map((row) => row.id);
  assert.deepEqual(
    ids.filter((id) => id !== 1),
    [2],
  );
  assert.equal(threads.length, 3, 'writer, its successor, reader');
});

test('a thread that dies while it reads loses the read only', async (t) => {
  const { store, threads } = await opened(t);
  const lost = store.read(sql(slow));
  const refused = assert.rejects(lost, { code: 'gone' });
  await threads[1]?.terminate();
  await refused;
  assert.equal(await count(store), 0);
});

test('a machine that has no thread left for the database fails that write, and not those that come when it has', async (t) => {
  const { store, threads } = await opened(t, 2);
  await threads[0]?.terminate();
  const insert = sql('INSERT INTO things (id) VALUES (1)');
  await assert.rejects(store.write([insert]), { name: 'StoreError', code: 'unsure' });
  await store.write([insert]);
  assert.equal(await count(store), 1);
});

test('a read does not wait for the writer', async (t) => {
  const { store } = await opened(t);
  await count(store);
  const order: string[] = [];
  const written = store.write([sql(slow), sql('INSERT INTO things (id) VALUES (1)')]).then(() => order.push('written'));
  await count(store).then((n) => order.push(`read ${n}`));
  await written;
  assert.deepEqual(order, ['read 0', 'written']);
});

test('a backup of a database in use is whole, private and a database', async (t) => {
  const { path, store } = await opened(t);
  const put = (id: number) =>
    store.write([sql('INSERT INTO things (id, bytes) VALUES ($1, $2)', id, new Uint8Array(9_000))]);
  for (let id = 0; id < 200; id++) await put(id);
  const copy = `${path}.copy`;
  const more = Array.from({ length: 200 }, (_, index) => put(1_000 + index));
  await store.backup(copy);
  await Promise.all(more);
  assert.equal(statSync(copy).mode & 0o777, 0o600);
  const restored = await openSqlite(copy);
  assert.ok(Number(await count(restored)) >= 200);
  const [check] = await restored.read(sql('PRAGMA integrity_check'));
  assert.equal(check?.integrity_check, 'ok');
  await restored.close();
});

test('a backup overwrites nothing, and leaves nothing behind where it fails', async (t) => {
  const { path, store } = await opened(t);
  writeFileSync(`${path}.mine`, 'precious');
  await assert.rejects(store.backup(`${path}.mine`), { code: 'refused', message: /EEXIST.*name a new one/ });
  assert.equal(statSync(`${path}.mine`).size, 8);
  await assert.rejects(store.backup(join(path, 'below', 'a.db')), { code: 'refused' });
  assert.ok(!existsSync(join(path, 'below')));
});

test('a store in the calling thread lives in virtual time', async () => {
  const clock = new VirtualClock(1_000);
  const store = inlineSqlite({ path: ':memory:', clock });
  const now = sql('SELECT rt_now() AS now');
  assert.equal((await store.read(now))[0]?.now, 1_000);
  await clock.advance(500.7);
  assert.equal((await store.read(now))[0]?.now, 1_500);
  await store.close();
});

test('loading SQLite leaves the way of warnings as it was', async () => {
  const { loadSqlite } = await import('../../src/store/load-sqlite.ts');
  const { emitWarning } = process;
  loadSqlite();
  assert.equal(process.emitWarning, emitWarning);
});
