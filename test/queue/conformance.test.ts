import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/core/clock.ts';
import { defaultQueue } from '../../src/core/limits.ts';
import { StoreDesk } from '../../src/queue/desk.ts';
import { type Lease, Leases } from '../../src/queue/leases.ts';
import { openRequest, sealResult } from '../../src/queue/sealed.ts';
import { readStanding } from '../../src/queue/standing.ts';
import { Tally } from '../../src/queue/tally.ts';
import { claimKey, endBatches, expireItems, purge } from '../../src/queue/upkeep.ts';
import { Usage } from '../../src/queue/usage.ts';
import { Vault } from '../../src/queue/vault.ts';
import type { Store } from '../../src/store/store.ts';
import { withStores } from '../store/with-stores.ts';
import { batchOf, itemOf } from './fixtures.ts';
import { resultsOf } from './read-results.ts';

const vault = new Vault(new Uint8Array(32));
const share = { credential: 'none', model: 'claude-opus-5-5', scope: 'local' };
const message = Buffer.from('{"type":"message","content":[{"type":"text","text":"ü\\n"}]}');
const well = { unsure: 0, error: null };

function deskOf(store: Store, settings = defaultQueue): StoreDesk {
  return new StoreDesk(store, vault, new Usage(store, systemClock, () => settings), new Tally(), systemClock);
}

async function claimed(leases: Leases): Promise<Lease> {
  const lease = await leases.claim(share);
  assert.ok(lease, 'nothing is ready');
  return lease;
}

/** The lease's time is over, as far as the database knows. */
const runOut = (store: Store) => store.write([{ sql: 'UPDATE queue_items SET lease_until = 0', values: [] }]);

withStores('a batch is kept whole, is read by its scope alone, and ends with its last item', async (store) => {
  const desk = deskOf(store);
  const leases = new Leases(store, 'me');
  assert.equal(await desk.put(batchOf('b', ['i1', 'i2'])), 'kept');
  await assert.rejects(desk.put(batchOf('b', ['i3'])), { name: 'StoreError', code: 'refused' });
  assert.equal(await desk.batch('b', 'another'), null);
  assert.equal(await desk.results('b', 'local'), null);
  for (const state of ['succeeded', 'errored'] as const) {
    const lease = await claimed(leases);
    assert.ok(await leases.sending(lease));
    assert.ok(await leases.finish(lease, state, sealResult(vault, lease.id, message), well));
    assert.equal(await leases.finish(lease, state, sealResult(vault, lease.id, message), well), false);
    const ended = await endBatches(store, 'b');
    assert.deepEqual(ended, state === 'errored' ? ['b'] : []);
  }
  const view = await desk.batch('b', 'local');
  assert.deepEqual(view?.counts, { processing: 0, succeeded: 1, errored: 1, canceled: 0, expired: 0 });
  assert.deepEqual(await resultsOf(desk, 'b', 'local'), [
    { customId: 'i1', result: `{"type":"succeeded","message":${message}}` },
    { customId: 'i2', result: `{"type":"errored","error":${message}}` },
  ]);
  assert.equal(await desk.remove('b', 'another'), null);
  assert.equal(await desk.remove('b', 'local'), 'removed');
  assert.equal(await desk.batch('b', 'local'), null);
});

withStores('items go by priority, then by age, and what was asked comes back byte for byte', async (store) => {
  const desk = deskOf(store);
  const leases = new Leases(store, 'me');
  const items = [itemOf('late'), itemOf('cheap', { priority: 'batch' }), itemOf('dear', { priority: 'critical' })];
  await desk.put({ ...batchOf('b', []), items });
  const [dear, late, cheap] = [await claimed(leases), await claimed(leases), await claimed(leases)];
  assert.deepEqual([dear.id, late.id, cheap.id, cheap.isBatch, late.isBatch], ['dear', 'late', 'cheap', true, false]);
  const { path, headers, body } = openRequest(vault, late.id, late.request);
  assert.deepEqual([path, headers, Buffer.from(body)], ['/v1/messages', itemOf('late').headers, itemOf('late').body]);
  assert.equal(await leases.claim(share), null);
  assert.equal(await leases.claim({ ...share, scope: 'another' }), null);
});

withStores('who lost the lease changes nothing, and what may have been billed is counted', async (store) => {
  const desk = deskOf(store);
  const [one, two] = [new Leases(store, 'one'), new Leases(store, 'two')];
  await desk.put(batchOf('b', ['i']));
  const unsent = await claimed(one);
  await runOut(store);
  assert.deepEqual(await one.reap(defaultQueue), [{ id: 'i', state: 'waiting', unsure: false }]);
  const stopped = await claimed(one);
  assert.ok(await one.sending(stopped));
  assert.deepEqual(await one.renew([stopped, unsent]), [unsent]);
  await runOut(store);
  assert.equal(await one.sending(stopped), false);
  assert.deepEqual(await two.reap(defaultQueue), [{ id: 'i', state: 'waiting', unsure: true }]);
  const lease = await claimed(two);
  assert.equal(lease.attempts, 1);
  assert.ok(await two.sending(lease));
  const late = sealResult(vault, 'i', Buffer.from('{"late":true}'));
  assert.equal(await one.finish(stopped, 'succeeded', late, well), false);
  const back = { afterMs: 0, unsent: false, unsure: 0, quarantine: false, error: null };
  assert.equal(await one.release(stopped, back), null);
  assert.ok(await two.finish(lease, 'succeeded', sealResult(vault, 'i', message), { unsure: 1, error: null }));
  const [row] = await store.read({ sql: 'SELECT unsure, attempts, request FROM queue_items', values: [] });
  assert.deepEqual({ ...row }, { unsure: 2, attempts: 2, request: null });
});

withStores(
  'quarantine is for what was sent, if that is wished, and for what kills those who hold it',
  async (store) => {
    const desk = deskOf(store);
    const leases = new Leases(store, 'me');
    await desk.put(batchOf('b', ['i']));
    await leases.sending(await claimed(leases));
    await runOut(store);
    assert.deepEqual(await leases.reap({ unsure: 'resend', attempts: 1 }), [
      { id: 'i', state: 'quarantined', unsure: true },
    ]);
    await desk.put(batchOf('c', ['j']));
    await leases.sending(await claimed(leases));
    await runOut(store);
    assert.deepEqual(await leases.reap({ ...defaultQueue, unsure: 'quarantine' }), [
      { id: 'j', state: 'quarantined', unsure: true },
    ]);
    assert.equal((await readStanding(store)).quarantined, 2);
    const canceled = await desk.cancel('c', 'local');
    assert.equal(canceled?.counts.errored, 1);
    assert.match((await resultsOf(desk, 'c', 'local'))?.[0]?.result ?? '', /"error_code":"answer_lost"/);
  },
);

withStores('what was put back waits its time, and is not sent again once the batch is canceled', async (store) => {
  const desk = deskOf(store);
  const leases = new Leases(store, 'me');
  await desk.put(batchOf('b', ['i1', 'i2']));
  const back = { afterMs: 60_000, unsent: true, unsure: 0, quarantine: false, error: '529 overloaded_error' };
  const first = await claimed(leases);
  await leases.sending(first);
  assert.ok(await leases.release(first, back));
  const second = await claimed(leases);
  assert.equal(second.id, 'i2');
  assert.equal(await leases.claim(share), null);
  const canceled = await desk.cancel('b', 'local');
  assert.ok(canceled?.cancelInitiatedAtMs);
  assert.equal(canceled.endedAtMs, null);
  assert.ok(await leases.release(second, { ...back, afterMs: 0 }));
  await endBatches(store, null);
  const view = await desk.batch('b', 'local');
  assert.deepEqual(view?.counts, { processing: 0, succeeded: 0, errored: 0, canceled: 2, expired: 0 });
});

withStores(
  'a batch that is canceled while its items are sent ends, and what may have been billed is an error',
  async (store) => {
    const desk = deskOf(store);
    const leases = new Leases(store, 'me');
    await desk.put(batchOf('b', ['broken', 'reaped', 'unsent']));
    const [broken, unsent, reaped] = [await claimed(leases), await claimed(leases), await claimed(leases)];
    for (const each of [broken, reaped]) await leases.sending(each);
    await desk.cancel('b', 'local');
    const back = { afterMs: 0, unsent: false, unsure: 0, quarantine: false, error: null };
    assert.equal(await leases.release(broken, { ...back, unsure: 1, quarantine: true }), 'errored');
    assert.equal(await leases.release(unsent, back), 'canceled');
    await runOut(store);
    assert.deepEqual(await leases.reap(defaultQueue), [{ id: reaped.id, state: 'errored', unsure: true }]);
    assert.deepEqual(await endBatches(store, 'b'), ['b']);
    const view = await desk.batch('b', 'local');
    assert.deepEqual(view?.counts, { processing: 0, succeeded: 0, errored: 2, canceled: 1, expired: 0 });
    const rows = await store.read({
      sql: 'SELECT id FROM queue_items WHERE ended_at IS NULL OR request IS NOT NULL',
      values: [],
    });
    assert.deepEqual(rows, [], 'each has its end, and nothing of what was asked');
  },
);

withStores('what is too old expires, and results are purged after their retention, in two steps', async (store) => {
  const desk = deskOf(store);
  await desk.put(batchOf('b', ['i'], { expiresInMs: 0 }));
  assert.equal(await new Leases(store, 'me').claim(share), null);
  assert.equal(await expireItems(store), 1);
  await endBatches(store, null);
  assert.deepEqual(await resultsOf(desk, 'b', 'local'), [{ customId: 'i', result: '{"type":"expired"}' }]);
  const age = (ms: number) =>
    store.write([{ sql: 'UPDATE queue_batches SET created_at = rt_now() - $1', values: [ms] }]);
  await age(1_500);
  await purge(store, { retention: 1 });
  const archived = await desk.batch('b', 'local');
  assert.ok(archived?.archivedAtMs);
  assert.equal(archived.counts.expired, 1);
  assert.equal(await desk.results('b', 'local'), null);
  await age(2_500);
  await purge(store, { retention: 1 });
  assert.equal(await desk.batch('b', 'local'), null);
});

withStores('lists are newest first, and go on where a page ended, in both directions', async (store) => {
  const desk = deskOf(store);
  for (const id of ['a', 'b', 'c', 'd']) await desk.put(batchOf(id, [`${id}1`]));
  await store.write([{ sql: "UPDATE queue_batches SET created_at = CASE id WHEN 'd' THEN 2 ELSE 1 END", values: [] }]);
  const ids = async (page: Parameters<StoreDesk['batches']>[1]) =>
    (await desk.batches('local', page)).map(({ id }) => id).join('');
  assert.equal(await ids({ limit: 3 }), 'dcb');
  assert.equal(await ids({ limit: 3, after: { createdAtMs: 1, id: 'c' } }), 'ba');
  assert.equal(await ids({ limit: 1, before: { createdAtMs: 1, id: 'a' } }), 'b');
  assert.equal(await ids({ limit: 9, before: { createdAtMs: 1, id: 'b' } }), 'dc');
});

withStores('quotas bound the items and the bytes of one caller', async (store) => {
  const few = deskOf(store, { ...defaultQueue, items: 2 });
  assert.equal(await few.put(batchOf('a', ['1', '2'])), 'kept');
  assert.equal(await few.put(batchOf('b', ['3'])), 'full');
  assert.equal(await few.put(batchOf('c', ['4'], { scope: 'another' })), 'kept');
  const small = deskOf(store, { ...defaultQueue, megabytes: 1 });
  const body = Buffer.alloc(2 ** 20 + 1, ' ');
  assert.equal(await small.put({ ...batchOf('d', []), items: [itemOf('5', { body })] }), 'full');
  assert.equal(await few.batch('b', 'local'), null);
});

withStores('a large batch is put and read in groups', async (store) => {
  const desk = deskOf(store);
  const ids = Array.from({ length: 1_203 }, (_, index) => `i${String(index).padStart(5, '0')}`);
  await desk.put(batchOf('b', ids));
  await store.write([{ sql: "UPDATE queue_items SET state = 'canceled'", values: [] }]);
  await endBatches(store, 'b');
  const results = await resultsOf(desk, 'b', 'local');
  assert.deepEqual(
    results?.map(({ customId }) => customId),
    ids,
  );
});

withStores(
  'nothing of what was asked or answered stands in the files',
  async (store, stage) => {
    const desk = deskOf(store);
    const leases = new Leases(store, 'me');
    const body = Buffer.from('{"model":"claude-opus-5-5","max_tokens":1,"messages":["canary-prompt"]}');
    const headers = ['x-canary', 'canary-header'];
    await desk.put({ ...batchOf('b', []), items: [itemOf('i', { body, headers })] });
    const lease = await claimed(leases);
    const answer = Buffer.from('{"content":"canary-answer"}');
    await leases.finish(lease, 'succeeded', sealResult(vault, 'i', answer), well);
    await endBatches(store, 'b');
    assert.match((await resultsOf(desk, 'b', 'local'))?.[0]?.result ?? '', /canary-answer/);
    const files = readdirSync(stage.data);
    assert.ok(files.length > 0);
    for (const file of files) assert.ok(!readFileSync(join(stage.data, file)).includes('canary'), file);
  },
  ['sqlite', 'inline'],
);

withStores('a database belongs to one key', async (store) => {
  assert.equal(await claimKey(store, vault.fingerprint), true);
  assert.equal(await claimKey(store, vault.fingerprint), true);
  assert.equal(await claimKey(store, new Vault(new Uint8Array(32).fill(1)).fingerprint), false);
});

withStores('two claimers at once get different items', async (store, stage) => {
  await deskOf(store).put(batchOf('b', ['1', '2', '3', '4', '5', '6', '7', '8']));
  const other = await stage.open();
  const [one, two] = [new Leases(store, 'one'), new Leases(other, 'two')];
  const leases = await Promise.all(Array.from({ length: 8 }, (_, index) => (index % 2 ? one : two).claim(share)));
  const ids = leases.flatMap((lease) => lease?.id ?? []);
  assert.equal(new Set(ids).size, ids.length);
  // A claim that met only rows that were being claimed finds none, and comes again.
  assert.ok(ids.length >= 4, `${ids.length} of 8 were claimed`);
});
