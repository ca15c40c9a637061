import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { flakyStore, type StoreFault, storeFaults } from '../../src/testing/flaky-store.ts';
import { memoryTransport } from '../../src/testing/memory-transport.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { batchOf } from './fixtures.ts';
import { resultsOf } from './read-results.ts';
import { folderOf, memoryStore, openStage } from './stage.ts';

const json = ['content-type', 'application/json'];

/** Two batches are put in and drained, while one call of the store fails. @returns whether that call came at all */
async function workWhile(t: TestContext, data: string, nth: number, fault: StoreFault): Promise<boolean> {
  const clock = new VirtualClock();
  const sound = await memoryStore(clock);
  const billed = new Map<string, number>();
  const transport = memoryTransport({
    clock,
    upstream: (request, respond) => {
      const { messages } = JSON.parse(Buffer.from(request.body as Uint8Array).toString());
      const id = messages[0].content;
      billed.set(id, (billed.get(id) ?? 0) + 1);
      const timer = clock.after(40_000, () => respond.answer(200, json, '{"type":"message","content":[]}'));
      respond.onAbort(() => clock.cancel(timer));
    },
  });
  const store = flakyStore(sound, nth, fault);
  const stage = await openStage(t, { clock, transport, store, data }).catch(() => null);
  // Where the queue cannot be opened at all nothing is acknowledged.
  if (stage === null) return true;
  const { desk } = stage.queue;
  const kept: string[] = [];
  for (const id of ['a', 'b']) {
    const batch = batchOf(id, [`${id}1`, `${id}2`]);
    const outcome = await desk.put(batch).catch(() => 'refused');
    if (outcome === 'kept') kept.push(id);
    await clock.advance(1_000);
  }
  await clock.advance(900_000);
  const what = `call ${nth} (${fault})`;
  for (const id of kept) {
    const view = await desk.batch(id, 'local').catch(() => desk.batch(id, 'local'));
    assert.equal(view?.counts.succeeded, 2, `${what}: ${id} is ${JSON.stringify(view)}`);
    assert.equal((await resultsOf(desk, id, 'local'))?.length, 2);
  }
  const rows = await sound.read({ sql: 'SELECT id, state, unsure FROM queue_items', values: [] });
  for (const { id, state, unsure } of rows) {
    const counted = Number(unsure) + (state === 'succeeded' ? 1 : 0);
    const times = billed.get(String(id)) ?? 0;
    assert.ok(times <= counted, `${what}: ${id} was billed ${times} times, and ${counted} are accounted for`);
  }
  await stage.queue.stop();
  assert.equal(clock.pendingTimers, 0, `${what}: timers are left`);
  const [leased] = await sound.read({
    sql: "SELECT count(*) AS items FROM queue_items WHERE state = 'running'",
    values: [],
  });
  assert.equal(leased?.items, 0, `${what}: something stays leased`);
  return store.calls >= nth;
}

/** What is looked at now and then fails in the same way each time; what an item goes through comes in the first calls. */
const callsMax = 60;

for (const fault of storeFaults) {
  test(`whichever call of the store fails (${fault}), nothing acknowledged is lost, and every further billing is counted`, async (t) => {
    const data = folderOf(t);
    for (let nth = 1; nth <= callsMax; nth++) if (!(await workWhile(t, data, nth, fault))) break;
  });
}
