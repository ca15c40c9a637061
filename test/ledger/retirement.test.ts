import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { rowBytes } from '../../src/ledger/limits.ts';
import { Retirement } from '../../src/ledger/retirement.ts';
import { migrate } from '../../src/store/migrate.ts';
import type { Store } from '../../src/store/store.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { inlineSqlite } from '../../src/testing/inline-sqlite.ts';
import { storeStage, withStores } from '../store/with-stores.ts';
import { record } from './stage.ts';

const dayMs = 86_400_000;

async function idsOf(store: Store): Promise<unknown[]> {
  return (await store.read({ sql: 'SELECT id FROM ledger_calls ORDER BY seq', values: [] })).map(({ id }) => id);
}

async function nowOf(store: Store): Promise<number> {
  return Number((await store.read({ sql: 'SELECT rt_now() AS now', values: [] }))[0]?.now);
}

withStores('what is older than the days that are kept goes, with its attempts', async (store) => {
  const nowMs = await nowOf(store);
  const at = (days: number) => ({
    call: { receivedAtMs: nowMs - days * dayMs },
    attempts: [{ startedAtMs: nowMs - days * dayMs }],
  });
  await record(store, [at(40), at(31), at(29), at(0)]);
  await new Retirement(store, new VirtualClock(), { days: 30, megabytes: 500 }).prune();
  assert.deepEqual(await idsOf(store), ['call-2', 'call-3']);
  const attempts = await store.read({ sql: 'SELECT call_id FROM ledger_attempts ORDER BY seq', values: [] });
  assert.deepEqual(
    attempts.map((row) => row.call_id),
    ['call-2', 'call-3'],
  );
});

withStores('beyond the size that is kept the oldest go', async (store) => {
  const nowMs = await nowOf(store);
  await record(
    store,
    Array.from({ length: 20 }, () => ({ call: { receivedAtMs: nowMs }, attempts: [{ startedAtMs: nowMs }] })),
  );
  // Twenty calls and as many attempts are there; room is for ten of each.
  await new Retirement(store, new VirtualClock(), { days: 30, megabytes: (20 * rowBytes) / 1e6 }).prune();
  assert.deepEqual(
    await idsOf(store),
    Array.from({ length: 10 }, (_value, index) => `call-${index + 10}`),
  );
});

withStores(
  'however many calls went well, the attempts that failed stay as long as they take half of the room',
  async (store) => {
    const nowMs = await nowOf(store);
    const failed = { failure: 'overload', startedAtMs: nowMs } as const;
    const story = (index: number) => ({
      call: { receivedAtMs: nowMs },
      attempts: index < 8 ? [failed, { startedAtMs: nowMs, index: 2 }] : [],
    });
    await record(
      store,
      Array.from({ length: 60 }, (_value, index) => story(index)),
    );
    const prune = (rows: number) =>
      new Retirement(store, new VirtualClock(), { days: 30, megabytes: (rows * rowBytes) / 1e6 }).prune();
    const attempts = async () => (await store.read({ sql: 'SELECT n FROM ledger_attempts', values: [] })).length;
    await prune(40);
    assert.deepEqual([(await idsOf(store)).length, await attempts()], [24, 16]);
    await prune(20);
    assert.deepEqual([(await idsOf(store)).length, await attempts()], [10, 10]);
  },
);

test('it is done once a minute while time passes, and no more once it is stopped', async (t) => {
  const { data } = await storeStage('inline', t);
  const clock = new VirtualClock();
  const store = inlineSqlite({ path: join(data, 'virtual.db'), clock });
  t.after(() => store.close());
  await migrate(store);
  await record(store, [{ call: { receivedAtMs: clock.now() }, attempts: [{ startedAtMs: clock.now() }] }]);
  const retirement = new Retirement(store, clock, { days: 1, megabytes: 500 });
  retirement.start();
  await clock.advance(dayMs - 60_000);
  assert.equal((await idsOf(store)).length, 1);
  await clock.advance(2 * 60_000);
  assert.equal((await idsOf(store)).length, 0);
  retirement.stop();
  assert.equal(clock.pendingTimers, 0, 'no timer is left');
});
