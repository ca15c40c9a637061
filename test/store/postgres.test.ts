import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Client } from 'pg';
import { systemClock } from '../../src/core/clock.ts';
import { closeMs } from '../../src/store/bounds.ts';
import { openStore } from '../../src/store/open.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import type { Statement, Store } from '../../src/store/store.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { startPostgres } from './postgres-server.ts';
import { sharedPostgres, withoutPostgres, withStores } from './with-stores.ts';

const sql = (text: string, ...values: Statement['values']): Statement => ({ sql: text, values });
const skip = withoutPostgres;

async function admin(url: string, ...texts: string[]): Promise<void> {
  const client = new Client(url);
  await client.connect();
  for (const text of texts) await client.query(text);
  await client.end();
}

async function database(): Promise<string> {
  const server = await sharedPostgres();
  assert.ok(server !== null, 'CI has a Postgres');
  return server.createDatabase();
}

async function opened(t: TestContext, url: string): Promise<Store> {
  const store = await openPostgres(url, systemClock);
  t.after(() => store.close());
  return store;
}

withStores(
  'what is acknowledged has been synced: fsync and synchronous_commit are on, whatever the role says',
  async (_, { database: url, open }) => {
    const settings = sql("SELECT current_setting('fsync') AS f, current_setting('synchronous_commit') AS s");
    for (const [given, wanted] of [
      ['off', 'on'],
      ['remote_apply', 'remote_apply'],
    ] as const) {
      await admin(url ?? '', `ALTER ROLE postgres SET synchronous_commit = ${given}`);
      const [row] = await (await open()).read(settings);
      assert.deepEqual({ ...row }, { f: 'on', s: wanted });
    }
    await admin(url ?? '', 'ALTER ROLE postgres RESET synchronous_commit');
  },
  ['postgres'],
);

test('a server that does not sync is refused', { skip }, async () => {
  const server = await startPostgres('-c fsync=off');
  try {
    await assert.rejects(openPostgres((await server?.createDatabase()) ?? '', systemClock), {
      code: 'refused',
      message: /fsync=off.*turn it on/,
    });
  } finally {
    await server?.stop();
  }
});

test('who cannot be let in is told why, without the password', { skip }, async (t) => {
  const url = new URL(await database());
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as { port: number };
  closed.close();
  await once(closed, 'close');
  const missing = new URL('/nowhere', url);
  const unreachable = new URL(url);
  unreachable.port = String(port);
  const stranger = new URL(url);
  stranger.username = 'stranger';
  for (const [place, words] of [
    [missing, /no database of that name \(3D000\)/],
    [unreachable, /not to be reached \(ECONNREFUSED\).*check that it runs/],
    [stranger, /refuses the user or the password \(28000\)/],
  ] as const) {
    place.password = 's3cret';
    const opening = openStore({ data: '/nonexistent', database: place.href, clock: systemClock });
    await assert.rejects(opening, (error: Error) => {
      assert.equal(error.name, 'RidethroughError');
      assert.match(error.message, words);
      assert.match(error.message, /^The database at 127\.0\.0\.1:\d+\/\w+ cannot be used\. /);
      assert.doesNotMatch(error.message, /s3cret/);
      return true;
    });
  }
  t.diagnostic(`Postgres ${(await sharedPostgres())?.major}`);
});

test('a role that may not make tables is told what to do', { skip }, async () => {
  const url = new URL(await database());
  await admin(url.href, 'CREATE ROLE guest LOGIN', 'REVOKE CREATE ON SCHEMA public FROM PUBLIC');
  url.username = 'guest';
  const opening = openStore({ data: '/nonexistent', database: url.href, clock: systemClock });
  await assert.rejects(opening, { code: 'unusable_store', message: /may not do this \(42501\)/ });
});

test('a transaction that the server calls off for a deadlock is repeated', { skip }, async (t) => {
  const store = await opened(t, await database());
  await store.write([sql('CREATE TABLE counters (id BIGINT PRIMARY KEY, n BIGINT)')]);
  await store.write([sql('INSERT INTO counters (id, n) VALUES (1, 0), (2, 0)')]);
  const add = (id: number) => sql('UPDATE counters SET n = n + 1 WHERE id = $1', id);
  const pause = sql('SELECT pg_sleep(0.05)');
  await Promise.all([store.write([add(1), pause, add(2)]), store.write([add(2), pause, add(1)])]);
  const rows = await store.read(sql('SELECT n FROM counters ORDER BY id'));
  assert.deepEqual(
    rows.map((row) => row.n),
    [2, 2],
  );
});

/** Stands before a server, and can cut or freeze what runs through it. */
async function cutter(t: TestContext, url: string): Promise<{ readonly url: string; cut(): void; freeze(): void }> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  const front = createServer((socket) => {
    const back = connect(Number(port), hostname);
    for (const each of [socket, back]) {
      sockets.add(each);
      each.on('error', () => {});
      each.on('close', () => sockets.delete(each));
    }
    socket.pipe(back).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(front, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  /** From now on nothing comes through, and nobody is told. */
  const freeze = () => {
    for (const socket of sockets) socket.unpipe().pause();
  };
  t.after(() => {
    cut();
    front.close();
  });
  const place = new URL(url);
  place.port = String((front.address() as { port: number }).port);
  return { url: place.href, cut, freeze };
}

withStores(
  'a connection that breaks makes a write unsure and a read gone, and both come back',
  async (direct, { t, database: url }) => {
    await direct.write([sql('CREATE TABLE things (id BIGINT)')]);
    const front = await cutter(t, url ?? '');
    const store = await opened(t, front.url);
    const pause = sql('SELECT pg_sleep(30)');
    const calls = [
      assert.rejects(store.write([pause]), { code: 'unsure', message: /may have happened/ }),
      assert.rejects(store.write([sql('INSERT INTO things (id) VALUES (1)'), pause]), { code: 'unsure' }),
      assert.rejects(store.read(pause), { code: 'gone' }),
    ];
    const asleep = sql("SELECT count(*) AS n FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
    while ((await direct.read(asleep))[0]?.n !== calls.length);
    front.cut();
    await Promise.all(calls);
    await store.write([sql('INSERT INTO things (id) VALUES (2)')]);
    assert.deepEqual(
      (await store.read(sql('SELECT id FROM things'))).map((row) => row.id),
      [2],
    );
  },
  ['postgres'],
);

withStores(
  'a hint reaches the listeners of other processes, and listening comes back after a break',
  async (other, { t, database: url }) => {
    const front = await cutter(t, url ?? '');
    const store = await opened(t, front.url);
    let hear = () => {};
    const heard = () =>
      new Promise<void>((resolve) => {
        hear = resolve;
      });
    // Listening begins with a word to everybody, so each of these waits for something that has to come.
    const listening = heard();
    store.onHint('news', () => hear());
    await listening;
    const told = heard();
    other.hint('news');
    await told;
    const back = heard();
    front.cut();
    await back;
    const toldAgain = heard();
    other.hint('news');
    await toldAgain;
  },
  ['postgres'],
);

withStores(
  'a server that is frozen does not keep a gateway from ending',
  async (_, { t, database: url }) => {
    const front = await cutter(t, url ?? '');
    const clock = new VirtualClock();
    const store = await openPostgres(front.url, clock);
    await new Promise<void>((resolve) => store.onHint('news', resolve));
    front.freeze();
    const closed = store.close();
    await clock.advance(closeMs);
    await closed;
  },
  ['postgres'],
);

test('after a crash of the server the same store goes on and listens, with all that was acknowledged', {
  skip,
}, async (t) => {
  const server = await startPostgres();
  assert.ok(server !== null, 'CI has a Postgres');
  t.after(() => server.stop());
  const store = await opened(t, await server.createDatabase());
  await store.write([sql('CREATE TABLE things (id BIGINT PRIMARY KEY)')]);
  await Promise.all(
    Array.from({ length: 50 }, (_, id) => store.write([sql('INSERT INTO things (id) VALUES ($1)', id)])),
  );
  let hear = () => {};
  const heard = () =>
    new Promise<void>((resolve) => {
      hear = resolve;
    });
  const listening = heard();
  store.onHint('news', () => hear());
  await listening;
  const listeningAgain = heard();
  await server.crash();
  await listeningAgain;
  // What the pool kept may be broken without knowing it yet: that is one error each, and no more.
  const read = () => store.read(sql('SELECT count(*) AS n FROM things')).catch(() => null);
  let rows = await read();
  for (let attempt = 0; rows === null && attempt < 20; attempt++) rows = await read();
  assert.equal(rows?.[0]?.n, 50);
});
