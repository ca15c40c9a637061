import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OffloadStore } from '../../src/batches/offload-store.ts';
import { expectedAnswer } from '../../src/faults/index.ts';
import type { NewItem } from '../../src/queue/queue.ts';
import type { Store } from '../../src/store/store.ts';
import { flakyStore, storeFaults } from '../../src/testing/flaky-store.ts';
import { batchOf, itemOf } from '../queue/fixtures.ts';
import { isCreation, openStage } from './offload-stage.ts';
import { makeAnother } from './other-caller.ts';

const batched = (...ids: string[]) =>
  batchOf('msgbatch_rt_1', [], { items: ids.map((id) => itemOf(id, { priority: 'batch' })) });
const answerTo = (item: NewItem) => expectedAnswer(JSON.parse(Buffer.from(item.body).toString())).content;

test('work of the priority `batch` goes to one batch of the upstream, and its results come back', async (context) => {
  const { clock, store, api, desk, open, states } = await openStage(context);
  const batch = batched('a', 'b', 'c');
  await desk.put(batch);
  await desk.put(batchOf('msgbatch_rt_2', ['live']));
  open(store, 1);
  await clock.advance(30_000);
  assert.deepEqual(await states(), { a: 'offloaded', b: 'offloaded', c: 'offloaded', live: 'waiting' });
  await clock.advance(120_000);
  assert.deepEqual(await states(), { a: 'succeeded', b: 'succeeded', c: 'succeeded', live: 'waiting' });
  assert.equal(api.count('POST', isCreation), 1);
  const results = await desk.results(batch.id, 'local');
  assert.ok(results !== null);
  for await (const { customId, result } of results) {
    const { type, message } = JSON.parse(result);
    const item = batch.items.find((each) => each.customId === customId);
    assert.deepEqual([type, message.content], ['succeeded', item && answerTo(item)]);
  }
});

test('older work is offloaded where that is configured, and never what a batch does not take', async (context) => {
  const { clock, store, api, desk, open, states } = await openStage(context);
  const odd = (id: string, member: object) =>
    itemOf(id, {
      body: Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(itemOf(id).body).toString()), ...member })),
    });
  const items = [
    itemOf('plain'),
    odd('fast', { speed: 'fast' }),
    odd('thread', { thread: { type: 'create' } }),
    odd('fb', { fallbacks: 'default' }),
  ];
  await desk.put(batchOf('msgbatch_rt_1', [], { items }));
  open(store, 1, 3_600);
  await clock.advance(3_500_000);
  assert.equal((await states()).plain, 'waiting');
  await clock.advance(300_000);
  assert.deepEqual(await states(), { plain: 'succeeded', fast: 'waiting', thread: 'waiting', fb: 'waiting' });
  assert.equal(api.count('POST', isCreation), 1);
});

test('requests of different headers, or of different callers, never share a batch', async (context) => {
  const { clock, store, api, desk, open, states } = await openStage(context);
  const beta = ['anthropic-version', '2023-06-01', 'anthropic-beta', 'x'];
  const items = [itemOf('a', { priority: 'batch' }), itemOf('b', { priority: 'batch', headers: beta })];
  await desk.put(batchOf('msgbatch_rt_1', [], { items }));
  await desk.put(batchOf('msgbatch_rt_2', [], { scope: 'token:x', items: [itemOf('c', { priority: 'batch' })] }));
  open(store, 1);
  await clock.advance(300_000);
  // The token of the third is not configured: it waits for its caller.
  assert.deepEqual(await states(), { a: 'succeeded', b: 'succeeded', c: 'waiting' });
  assert.equal(api.count('POST', isCreation), 2);
});

test('what errs or expires there goes back to the queue, and is not offloaded again', async (context) => {
  for (const times of [
    { endMs: 60_000, expiryMs: 86_400_000 },
    { endMs: 100_000, expiryMs: 50_000 },
  ]) {
    const { clock, store, api, desk, open, states } = await openStage(context, times);
    const bad = Buffer.from('{"model":"claude-none","max_tokens":9,"messages":[]}');
    await desk.put(batchOf('msgbatch_rt_1', [], { items: [itemOf('bad', { priority: 'batch', body: bad })] }));
    open(store, 1);
    await clock.advance(600_000);
    assert.deepEqual(await states(), { bad: 'waiting' });
    assert.equal(api.count('POST', isCreation), 1);
  }
});

test('while the endpoint is down the work stays in the queue, and is offloaded when it is back', async (context) => {
  const { clock, store, api, desk, open, states } = await openStage(context);
  let isDown = true;
  api.mishap = () => (isDown ? 'down' : null);
  await desk.put(batched('a', 'b'));
  open(store, 1);
  await clock.advance(600_000);
  assert.deepEqual(await states(), { a: 'waiting', b: 'waiting' });
  assert.ok(api.count('POST', isCreation) < 12, `${api.count('POST', isCreation)} creations`);
  isDown = false;
  await clock.advance(1_800_000);
  assert.deepEqual(await states(), { a: 'succeeded', b: 'succeeded' });
});

for (const mishap of ['lost', 'cut'] as const) {
  test(`a creation that is ${mishap} makes one batch in the end`, async (context) => {
    const { clock, store, api, desk, open, states, lost } = await openStage(context);
    let creations = 0;
    api.mishap = ({ method, path }) =>
      method === 'POST' && isCreation.test(path) && creations++ === 0 ? mishap : null;
    await desk.put(batched('a', 'b'));
    open(store, 1);
    await clock.advance(900_000);
    assert.deepEqual(await states(), { a: 'succeeded', b: 'succeeded' });
    assert.equal(creations, mishap === 'lost' ? 1 : 2);
    assert.equal(await lost(), mishap === 'lost' ? 0 : 2, 'what was sent twice may have been billed twice');
  });
}

test('where several batches may be it, what they hold decides when they have ended', async (context) => {
  const { clock, store, api, desk, open, states } = await openStage(context);
  let creations = 0;
  api.mishap = ({ method, path }) => (method === 'POST' && isCreation.test(path) && creations++ < 1 ? 'lost' : null);
  await desk.put(batched('a', 'b'));
  open(store, 1);
  await clock.advance(1_000);
  await makeAnother(api, clock);
  await clock.advance(30_000);
  assert.deepEqual(await states(), { a: 'offloaded', b: 'offloaded' });
  await clock.advance(900_000);
  assert.deepEqual(await states(), { a: 'succeeded', b: 'succeeded' });
  assert.equal(creations, 2);
});

test('a batch of somebody else that looked like the one in doubt was canceled, and deleted with its results', async (context) => {
  for (const isWanted of [true, false]) {
    const { clock, store, api, desk, open, states } = await openStage(context);
    let creations = 0;
    api.mishap = ({ method, path }) => (method === 'POST' && isCreation.test(path) && creations++ === 0 ? 'cut' : null);
    await desk.put(batched('a', 'b'));
    const offloader = open(store, 1);
    await clock.advance(1_000);
    await makeAnother(api, clock);
    assert.equal((await offloader.batches()).size, 0, 'it is shown to its owner');
    if (!isWanted) await desk.cancel('msgbatch_rt_1', 'local');
    await clock.advance(900_000);
    assert.equal(api.count('POST', /\/cancel$/), 0);
    assert.equal(api.count('DELETE', /./), isWanted ? 1 : 0, 'its own is deleted, once it was made');
    const end = isWanted ? 'succeeded' : 'errored';
    assert.deepEqual(await states(), { a: end, b: end });
  }
});

test('a batch that may be it, and whose results cannot be read for a while, is not made a second time', async (context) => {
  const { clock, store, api, desk, open, states } = await openStage(context);
  let [creations, minutes] = [0, 0];
  api.mishap = ({ method, path }) => {
    if (method === 'POST') return creations++ === 0 ? 'lost' : null;
    // First the list is down, until the batch has ended; then its results.
    return (minutes < 5 && path.includes('?limit')) || (minutes < 30 && path.endsWith('/results')) ? 'down' : null;
  };
  await desk.put(batched('a', 'b'));
  open(store, 1);
  for (; minutes < 60; minutes++) await clock.advance(60_000);
  assert.deepEqual(await states(), { a: 'succeeded', b: 'succeeded' });
  assert.equal(creations, 1);
});

test('work whose results are never to be had comes back to the queue after two days', async (context) => {
  const { clock, store, api, desk, open, states, lost } = await openStage(context);
  api.mishap = ({ path }) => (path.endsWith('/results') ? 'down' : null);
  await desk.put(batchOf('msgbatch_rt_1', [], { expiresInMs: 9e8, items: [itemOf('a', { priority: 'batch' })] }));
  open(store, 1);
  for (let hours = 0; hours < 47; hours++) await clock.advance(3_600_000);
  assert.deepEqual(await states(), { a: 'offloaded' });
  for (let hours = 0; hours < 2; hours++) await clock.advance(3_600_000);
  assert.deepEqual(await states(), { a: 'waiting' });
  assert.equal(await lost(), 1, 'it was billed, and is sent again');
});

test('a gateway whose clock is behind the database finds out all the same that its batch was never made', async (context) => {
  const { clock, store, api, desk, open } = await openStage(context, undefined, 8 * 3_600_000);
  api.mishap = ({ method }) => (method === 'POST' ? 'cut' : null);
  await desk.put(batched('a'));
  open(store, 1);
  await clock.advance(50_000);
  assert.equal(api.count('POST', isCreation), 1, 'it may appear in the list yet');
  await clock.advance(50_000);
  assert.equal(api.count('POST', isCreation), 2);
});

test('work with large bodies is read in portions that fit into memory', async (context) => {
  const { store, desk } = await openStage(context);
  await desk.put(batched('a', 'b', 'c', 'd', 'e'));
  await store.write([{ sql: 'UPDATE queue_items SET bytes = $1', values: [20 * 2 ** 20] }]);
  const groups = new OffloadStore(store, 'me');
  const items = await groups.candidates({ scope: 'local', credential: 'none' }, null);
  assert.deepEqual(
    items.map(({ id }) => id),
    ['a', 'b', 'c', 'd'],
  );
});

test('a gateway that ends holds no group that it has not begun with', async (context) => {
  const { clock, store, api, desk, open } = await openStage(context);
  const beta = ['anthropic-version', '2023-06-01', 'anthropic-beta', 'x'];
  const items = [itemOf('a', { priority: 'batch' }), itemOf('b', { priority: 'batch', headers: beta })];
  await desk.put(batchOf('msgbatch_rt_1', [], { items }));
  const offloader = open(store, 1);
  let stopped: Promise<void> | null = null;
  api.mishap = ({ method }) => {
    if (method === 'GET') stopped ??= offloader.stop();
    return null;
  };
  await clock.advance(60_000);
  assert.ok(stopped !== null);
  await stopped;
  const rows = await store.read({ sql: 'SELECT lease_until FROM queue_offloads', values: [] });
  assert.deepEqual(
    rows.map((row) => row.lease_until),
    [null, null],
  );
});

test('a batch that nobody wants any more is canceled upstream', async (context) => {
  const { clock, store, api, desk, open, states } = await openStage(context, {
    endMs: 3_600_000,
    expiryMs: 86_400_000,
  });
  await desk.put(batched('a'));
  open(store, 1);
  await clock.advance(60_000);
  await desk.cancel('msgbatch_rt_1', 'local');
  await clock.advance(600_000);
  assert.ok(api.count('POST', /\/cancel$/) >= 1);
  assert.deepEqual(await states(), { a: 'canceled' });
  assert.notEqual((await desk.batch('msgbatch_rt_1', 'local'))?.endedAtMs ?? null, null);
});

test('whichever call of the store fails, nothing is lost, recorded twice or made twice', async (context) => {
  for (const fault of storeFaults) {
    for (let nth = 1; ; nth++) {
      const { clock, store, api, desk, open, states } = await openStage(context);
      await desk.put(batched('a', 'b'));
      const flaky = flakyStore(store, nth, fault);
      open(flaky, nth);
      for (let minutes = 0; minutes < 120 && (await states()).a !== 'succeeded'; minutes++) await clock.advance(60_000);
      assert.deepEqual(await states(), { a: 'succeeded', b: 'succeeded' }, `${fault} at call ${nth}`);
      assert.equal(api.count('POST', isCreation), 1, `${fault} at call ${nth}: one creation`);
      if (flaky.calls < nth) break;
    }
  }
});

test('killed between any two steps, another gateway goes on with the same batch', async (context) => {
  for (let nth = 1; ; nth++) {
    const { clock, store, api, desk, open, states } = await openStage(context);
    await desk.put(batched('a', 'b'));
    // From its nth call of the store on, nothing is heard of the first gateway: what it sends then is gone with it.
    let calls = 0;
    const dead = new Promise<never>(() => {});
    const mortal: Store = {
      ...{ kind: store.kind, hint: () => {}, onHint: () => () => {}, backup: store.backup, close: async () => {} },
      read: (statement) => (++calls >= nth ? dead : store.read(statement)),
      write: (statements) => (++calls >= nth ? dead : store.write(statements)),
    };
    const first = open(mortal, 1);
    first.stop = async () => {};
    await clock.advance(30_000);
    open(store, 2);
    for (let minutes = 0; minutes < 120 && (await states()).a !== 'succeeded'; minutes++) await clock.advance(60_000);
    assert.deepEqual(await states(), { a: 'succeeded', b: 'succeeded' }, `killed at call ${nth}`);
    assert.equal(api.count('POST', isCreation), 1, `killed at call ${nth}: one creation`);
    if (calls < nth) break;
  }
});
