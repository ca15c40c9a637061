import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { systemClock } from '../../src/core/clock.ts';
import { defaultQueue } from '../../src/core/limits.ts';
import { Secret } from '../../src/core/secret.ts';
import { StoreDesk } from '../../src/queue/desk.ts';
import { noticeAgeMs, noticeStopMs } from '../../src/queue/limits.ts';
import { Notices } from '../../src/queue/notices.ts';
import { Tally } from '../../src/queue/tally.ts';
import { Usage } from '../../src/queue/usage.ts';
import { Vault } from '../../src/queue/vault.ts';
import { type Store, StoreError } from '../../src/store/store.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { withStores } from '../store/with-stores.ts';
import { batchOf } from './fixtures.ts';

const secret = `whsec_${Buffer.from('thirty-two bytes of a secret key').toString('base64')}`;

interface Delivery {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A webhook that answers with these statuses in turn, then with 204. */
async function receiver(t: TestContext, statuses: number[] = []) {
  const came: Delivery[] = [];
  let news = Promise.withResolvers<void>();
  const server = createServer(async (request, response) => {
    came.push({ headers: request.headers, body: await text(request) });
    response.writeHead(statuses.shift() ?? 204).end();
    news.resolve();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const delivered = async (count: number) => {
    while (came.length < count) {
      await news.promise;
      news = Promise.withResolvers();
    }
    return came;
  };
  return { url: new Secret(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`), came, delivered };
}

async function canceledBatch(store: Store, id: string): Promise<void> {
  const usage = new Usage(store, systemClock, () => defaultQueue);
  const desk = new StoreDesk(store, new Vault(new Uint8Array(32)), usage, new Tally(), systemClock);
  await desk.put(batchOf(id, [`${id}1`, `${id}2`]));
  await desk.cancel(id, 'local');
}

const due = (store: Store) =>
  store.write([{ sql: 'UPDATE queue_batches SET notice_at = rt_now() WHERE notice_at > 0', values: [] }]);

withStores('the end of a batch is told once, signed, with ids and counts only', async (store, { t }) => {
  const { url, came, delivered } = await receiver(t);
  await canceledBatch(store, 'b');
  const notices = [new Notices(store, systemClock), new Notices(store, systemClock)];
  for (const each of notices) each.use({ url, secret: new Secret(secret), allowPrivate: true });
  const [{ headers, body } = assert.fail()] = await delivered(1);
  for (const each of notices) await each.stop();
  assert.equal(came.length, 1);
  const { timestamp, ...said } = new Webhook(secret).verify(body, headers as Record<string, string>) as {
    timestamp: string;
  };
  assert.ok(Date.parse(timestamp) > 0);
  const request_counts = { processing: 0, succeeded: 0, errored: 0, canceled: 2, expired: 0 };
  assert.deepEqual(said, { type: 'ridethrough.batch.ended', data: { id: 'b', request_counts } });
  const [row] = await store.read({ sql: 'SELECT notice_at FROM queue_batches', values: [] });
  assert.equal(row?.notice_at, null);
});

withStores('a notice that was not taken comes again under its id, and 410 ends it', async (store, { t }) => {
  const { url, came, delivered } = await receiver(t, [500, 307, 410]);
  await canceledBatch(store, 'b');
  for (let tries = 1; tries <= 3; tries++) {
    const notices = new Notices(store, systemClock);
    notices.use({ url, secret: new Secret(secret), allowPrivate: true });
    await delivered(tries);
    await notices.stop();
    const [row] = await store.read({ sql: 'SELECT notice_at, notice_tries FROM queue_batches', values: [] });
    assert.equal(row?.notice_at === null, tries === 3, `after ${tries}`);
    assert.equal(row?.notice_tries, tries);
    await due(store);
  }
  assert.equal(new Set(came.map(({ headers }) => headers['webhook-id'])).size, 1);
});

withStores(
  'an address of this machine is not told, unless that is allowed',
  async (store, { t }) => {
    const { url, came } = await receiver(t);
    await canceledBatch(store, 'b');
    const notices = new Notices(store, systemClock);
    notices.use({ url, secret: new Secret(secret), allowPrivate: false });
    await notices.stop();
    assert.equal(came.length, 0);
  },
  ['inline'],
);

withStores(
  'a webhook that never answers does not hold up the end of a gateway, and is told another time',
  async (store, { t }) => {
    const server = createServer(() => {}).listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    await canceledBatch(store, 'msgbatch_rt_1');
    const url = new Secret(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    // In virtual time the delivery itself never comes to its end.
    const clock = new VirtualClock();
    const notices = new Notices(store, clock);
    const asked = once(server, 'request');
    notices.use({ url, secret: new Secret(secret), allowPrivate: true });
    await asked;
    const stopped = notices.stop();
    await clock.advance(noticeStopMs);
    await stopped;
    const [row] = await store.read({ sql: 'SELECT notice_at, notice_tries FROM queue_batches', values: [] });
    assert.ok(Number(row?.notice_at) > 0);
    assert.deepEqual([row?.notice_tries, notices.delivered], [1, 0]);
  },
);

withStores(
  'a notice that the store cannot tell of does not keep the end of a gateway from waiting for the others',
  async (store, { t }) => {
    const { url, delivered } = await receiver(t);
    await canceledBatch(store, 'a');
    await canceledBatch(store, 'b');
    const failing: Store = {
      ...store,
      read: (statement) =>
        statement.values[0] === 'a' ? Promise.reject(new StoreError('busy', 'try again')) : store.read(statement),
    };
    const notices = new Notices(failing, systemClock);
    notices.use({ url, secret: null, allowPrivate: true });
    await notices.stop();
    assert.equal((await delivered(1)).length, 1);
    const [row] = await store.read({ sql: "SELECT notice_at FROM queue_batches WHERE id = 'b'", values: [] });
    assert.deepEqual([row?.notice_at, notices.delivered], [null, 1]);
  },
  ['inline'],
);

withStores('what has been due for more than a day is not told any more', async (store, { t }) => {
  const { url, came } = await receiver(t);
  await canceledBatch(store, 'b');
  const late = { sql: 'UPDATE queue_batches SET notice_at = rt_now() - $1', values: [noticeAgeMs + 1_000] };
  await store.write([late]);
  const notices = new Notices(store, systemClock);
  notices.use({ url, secret: null, allowPrivate: true });
  await notices.stop();
  assert.equal(came.length, 0);
});
