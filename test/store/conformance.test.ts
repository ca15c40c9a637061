import assert from 'node:assert/strict';
import type { Statement, Store, StoreErrorCode } from '../../src/store/store.ts';
import { withStores } from './with-stores.ts';

// What both back ends promise: one text of SQL, one meaning.

const sql = (text: string, ...values: Statement['values']): Statement => ({ sql: text, values });

async function withTable(store: Store): Promise<Store> {
  await store.write([sql('CREATE TABLE things (id BIGINT PRIMARY KEY, name TEXT, bytes {blob})')]);
  return store;
}

const put = (id: number, name: string | null = null) =>
  sql('INSERT INTO things (id, name) VALUES ($1, $2) RETURNING id, name', id, name);

const idsOf = async (store: Store) => (await store.read(sql('SELECT id FROM things ORDER BY id'))).map((row) => row.id);

const code = (wanted: StoreErrorCode) => (error: unknown) =>
  error instanceof Error && error.name === 'StoreError' && 'code' in error && error.code === wanted;

withStores('a write resolves to the rows of each statement, and a read sees it', async (store) => {
  await withTable(store);
  const rows = await store.write([put(1, 'one'), put(2), sql("UPDATE things SET name = 'two' WHERE id = $1", 2)]);
  assert.deepEqual(
    rows.map((each) => each.map((row) => ({ ...row }))),
    [[{ id: 1, name: 'one' }], [{ id: 2, name: null }], []],
  );
  assert.deepEqual(await idsOf(store), [1, 2]);
  assert.deepEqual(await store.write([]), []);
});

withStores('values come back as they went in', async (store) => {
  await withTable(store);
  const bytes = Uint8Array.from({ length: 300 }, (_, index) => index % 256);
  const text = 'Käse 🧀 \'quoted\' "twice" \\ $1 ; {blob}';
  const statement = 'INSERT INTO things (id, name, bytes) VALUES ($3, $1, $2)';
  await store.write([
    sql(statement, text, bytes, Number.MAX_SAFE_INTEGER),
    sql(statement, '', Uint8Array.of(0), -1),
    sql(statement, null, null, 0),
    sql(statement, 'a view', bytes.subarray(10, 13), 1),
  ]);
  const rows = await store.read(sql('SELECT * FROM things ORDER BY id'));
  assert.deepEqual(
    rows.map((row) => ({ ...row })),
    [
      { id: -1, name: '', bytes: Uint8Array.of(0) },
      { id: 0, name: null, bytes: null },
      { id: 1, name: 'a view', bytes: Uint8Array.of(10, 11, 12) },
      { id: Number.MAX_SAFE_INTEGER, name: text, bytes },
    ],
  );
});

withStores('a statement writes many rows, of any count, with integers and nulls', async (store) => {
  await store.write([sql('CREATE TABLE numbered (id BIGINT PRIMARY KEY, size BIGINT, name TEXT, note TEXT)')]);
  const insert = (ids: readonly number[]): Statement => ({
    sql: 'INSERT INTO numbered (id, size, name, note) VALUES {rows} ON CONFLICT DO NOTHING',
    values: [],
    rows: {
      count: ids.length,
      numbers: Float64Array.from(ids.flatMap((id) => [id, id % 2 === 0 ? Number.NaN : 2 ** 53 - id])),
      texts: ids.map((id) => `name ${id}\n${id % 3 === 0 ? '\0' : ''}`).join('\n'),
    },
  });
  const ids = Array.from({ length: 123 }, (_value, index) => index + 1);
  assert.deepEqual(await store.write([insert(ids.slice(0, 1)), insert(ids.slice(0, 50)), insert([])]), [[], [], []]);
  await store.write([insert(ids)]);
  const rows = await store.read(sql('SELECT id, size, name, note FROM numbered ORDER BY id'));
  assert.deepEqual(
    rows.map((row) => ({ ...row })),
    ids.map((id) => ({
      ...{ id, size: id % 2 === 0 ? null : 2 ** 53 - id, name: `name ${id}`, note: id % 3 === 0 ? null : '' },
    })),
  );
  const [whole] = await store.read(sql("SELECT COUNT(*) AS n FROM numbered WHERE CAST(id AS TEXT) NOT LIKE '%.%'"));
  assert.equal(whole?.n, 123, 'they are integers in the database');
});

withStores('a line feed in a text of many rows is refused, and nothing is written', async (store) => {
  await withTable(store);
  const rows = { count: 2, numbers: Float64Array.of(1, 2), texts: 'one\ntwo\nthree' };
  await assert.rejects(
    store.write([put(3), { sql: 'INSERT INTO things (id, name) VALUES {rows}', values: [], rows }]),
    code('refused'),
  );
  assert.deepEqual(await idsOf(store), []);
});

withStores('counts, sums, averages and truth are numbers', async (store) => {
  await withTable(store);
  await store.write([put(1), put(2), put(4)]);
  const query =
    'SELECT count(*) AS n, sum(id) AS total, avg(id) AS mean, max(id) > 3 AS large, sum(id) + $1 AS more FROM things';
  const [row] = await store.read(sql(query, 3));
  assert.deepEqual({ ...row }, { n: 3, total: 7, mean: 7 / 3, large: 1, more: 10 });
});

withStores('a parameter may occur twice, and out of order', async (store) => {
  const [row] = await store.read(
    sql('SELECT CAST($2 AS TEXT) AS b, CAST($1 AS BIGINT) + CAST($1 AS BIGINT) AS a', 21, 'x'),
  );
  assert.deepEqual({ ...row }, { b: 'x', a: 42 });
});

withStores('a transaction of which one statement fails leaves nothing behind', async (store) => {
  await withTable(store);
  await store.write([put(1)]);
  await assert.rejects(store.write([put(2), put(1), put(3)]), code('refused'));
  await assert.rejects(store.write([put(4), sql('SELECT nonsense FROM things')]), code('refused'));
  assert.deepEqual(await idsOf(store), [1]);
});

withStores('writes that arrive together fail alone', async (store) => {
  await withTable(store);
  const writes = Array.from({ length: 60 }, (_, index) => store.write([put(index % 30), put(1_000 + index)]));
  const settled = await Promise.allSettled(writes);
  assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 30);
  for (const each of settled) if (each.status === 'rejected') assert.ok(code('refused')(each.reason), each.reason);
  assert.equal((await idsOf(store)).length, 60);
});

withStores('a read after an acknowledged write sees it, however many are under way', async (store) => {
  await withTable(store);
  const both = async (id: number) => {
    await store.write([put(id)]);
    return (await store.read(sql('SELECT id FROM things WHERE id = $1', id))).length;
  };
  const seen = await Promise.all(Array.from({ length: 100 }, (_, id) => both(id)));
  assert.deepEqual(new Set(seen), new Set([1]));
});

withStores('rt_now() is the time of the database, in whole milliseconds', async (store) => {
  await withTable(store);
  const [[first], [second]] = (await store.write([
    sql('SELECT rt_now() AS now'),
    sql('INSERT INTO things (id) VALUES (rt_now()) RETURNING id, id <= rt_now() AS past'),
  ])) as [[{ now: number }], [{ id: number; past: number }]];
  assert.ok(Number.isInteger(first.now) && first.now > 1_767_225_600_000, `${first.now}`);
  assert.ok(second.id >= first.now && second.past === 1);
  const [row] = await store.read(sql('SELECT count(*) AS n FROM things WHERE id <= rt_now() + $1', 0));
  assert.equal(row?.n, 1);
});

withStores('a claim takes each row once, from however many stores', async (store, stage) => {
  await withTable(store);
  await store.write(Array.from({ length: 40 }, (_, id) => put(id)));
  const claim = sql(
    `UPDATE things SET name = $1 WHERE id IN (
       SELECT id FROM things WHERE name IS NULL ORDER BY id LIMIT 5 {skip_locked}) RETURNING id`,
    'taken',
  );
  const stores = stage.variant === 'inline' ? [store] : [store, await stage.open(), await stage.open()];
  const claims = Array.from({ length: 24 }, (_, index) => stores[index % stores.length] ?? store);
  const taken = await Promise.all(claims.map(async (each) => (await each.write([claim]))[0] ?? []));
  const ids = taken.flat().map((row) => Number(row.id));
  assert.equal(new Set(ids).size, ids.length, 'a row was claimed twice');
  assert.equal(ids.length, 40);
});

withStores('a conflict of keys can be stepped over', async (store) => {
  await withTable(store);
  const upsert =
    'INSERT INTO things (id, name) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING name';
  const ignore = 'INSERT INTO things (id, name) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING RETURNING id';
  const rows = await store.write([put(1, 'a'), sql(upsert, 1, 'b'), sql(ignore, 1, 'c'), sql(ignore, 2, 'd')]);
  assert.deepEqual(
    rows.map((each) => each.length),
    [1, 1, 0, 1],
  );
  assert.equal(rows[1]?.[0]?.name, 'b');
});

withStores('a numbered key counts up', async (store) => {
  await store.write([sql('CREATE TABLE numbered (id {identity}, name TEXT)')]);
  const one = sql('INSERT INTO numbered (name) VALUES ($1) RETURNING id', 'x');
  const rows = await store.write([one, one, one]);
  assert.deepEqual(
    rows.flat().map((row) => row.id),
    [1, 2, 3],
  );
});

withStores('an error holds no value of a row, and a text of two statements is refused', async (store) => {
  await withTable(store);
  await store.write([sql('CREATE UNIQUE INDEX names ON things (name)'), put(1, 'canary-7c1f')]);
  const failing = [
    put(2, 'canary-7c1f'),
    sql('INSERT INTO things (id, name) VALUES (1, $1)', 'canary-7c1f'),
    sql('SELECT CAST($1 AS BIGINT) FROM nowhere', 'canary-7c1f'),
    sql('DELETE FROM things; DELETE FROM things'),
    sql('SELECT {nonsense}'),
  ];
  for (const statement of failing) {
    const error = await store.write([statement]).then(
      () => assert.fail(`${statement.sql} was accepted`),
      (reason: unknown) => reason,
    );
    assert.ok(code('refused')(error), String(error));
    const { inspect } = await import('node:util');
    assert.doesNotMatch(inspect(error, { depth: 9 }), /canary-7c1f/);
  }
  assert.deepEqual(await idsOf(store), [1]);
});

withStores('what is written stays, and another that opens the database reads it', async (store, stage) => {
  await withTable(store);
  await store.write([put(1, 'stays')]);
  await store.close();
  await store.close();
  await assert.rejects(store.write([put(2)]), code('gone'));
  await assert.rejects(store.read(put(2)), code('gone'));
  assert.deepEqual(await idsOf(await stage.open()), [1]);
});

withStores('closing waits for what was asked before', async (store, stage) => {
  await withTable(store);
  const writes = Array.from({ length: 20 }, (_, id) => store.write([put(id)]));
  await store.close();
  const kept = (await Promise.allSettled(writes)).filter(({ status }) => status === 'fulfilled').length;
  assert.equal((await idsOf(await stage.open())).length, kept);
  assert.equal(kept, 20);
});

withStores('a hint reaches every listener of its topic, and nobody else', async (store) => {
  const heard: string[] = [];
  const arrived = Promise.withResolvers<void>();
  const stop = store.onHint('news', () => heard.push('stopped'));
  const other = store.onHint('other', () => heard.push('other'));
  // With a server a listener is told once when it begins to listen; after `ready` only the hint speaks.
  const ready = Promise.withResolvers<void>();
  store.onHint('probe', ready.resolve);
  store.hint('probe');
  await ready.promise;
  heard.length = 0;
  stop();
  store.onHint('news', () => arrived.resolve());
  store.onHint('news', () => heard.push('news'));
  store.hint('news');
  await arrived.promise;
  other();
  assert.ok(!heard.includes('stopped') && !heard.includes('other'), heard.join());
});
