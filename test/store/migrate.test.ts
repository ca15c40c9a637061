import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { type Migration, migrate } from '../../src/store/migrate.ts';
import { migrations } from '../../src/store/migrations/index.ts';
import type { Store } from '../../src/store/store.ts';
import { root } from '../source-files.ts';
import { withStores } from './with-stores.ts';

const step = (version: number, ...statements: string[]): Migration => ({
  version,
  name: `step-${version}`,
  statements,
});

const first = step(9_001, 'CREATE TABLE one (id {identity}, b {blob})', 'INSERT INTO one (b) VALUES (NULL)');
const second = step(9_002, 'ALTER TABLE one ADD COLUMN c TEXT', "UPDATE one SET c = 'migrated'");

const rows = async (store: Store, sql: string) => (await store.read({ sql, values: [] })).map((row) => ({ ...row }));

withStores('steps are made once, in order, and later ones join', async (store) => {
  await migrate(store, [first]);
  await migrate(store, [first, second]);
  await migrate(store, [first, second]);
  assert.deepEqual(await rows(store, 'SELECT * FROM one'), [{ id: 1, b: null, c: 'migrated' }]);
  assert.deepEqual(await rows(store, 'SELECT version, name FROM rt_migrations WHERE version > 9000 ORDER BY version'), [
    { version: 9_001, name: 'step-9001' },
    { version: 9_002, name: 'step-9002' },
  ]);
});

withStores(
  'several that migrate at the same moment make each step once',
  async (store, stage) => {
    const stores = [store, await stage.open(), await stage.open(), await stage.open()];
    await Promise.all(stores.map((each) => migrate(each, [first, second])));
    assert.equal((await rows(store, 'SELECT * FROM one')).length, 1);
  },
  ['sqlite', 'postgres'],
);

withStores('a step that fails leaves nothing behind, and can be made later', async (store) => {
  const broken = step(9_002, 'CREATE TABLE two (id BIGINT)', 'INSERT INTO nowhere (id) VALUES (1)');
  await assert.rejects(migrate(store, [first, broken]), { name: 'StoreError', code: 'refused' });
  await assert.rejects(store.read({ sql: 'SELECT * FROM two', values: [] }), { code: 'refused' });
  await migrate(store, [first, second]);
  assert.equal((await rows(store, 'SELECT * FROM one')).length, 1);
});

withStores('a schema of a newer version is refused, with the way out', async (store) => {
  await migrate(store, [first, second]);
  await assert.rejects(migrate(store, [first]), {
    name: 'RidethroughError',
    code: 'unusable_store',
    message: /has schema 9002, and this version of Ridethrough knows 9001.*Update Ridethrough/,
  });
});

test('each migration stands in the file of its number and name, in order', () => {
  const names = migrations.map(({ version, name }) => `${String(version).padStart(4, '0')}-${name}.ts`);
  const files = readdirSync(`${root}src/store/migrations`).filter((file) => file !== 'index.ts');
  assert.deepEqual(names, files.sort());
});
