import type { TestContext } from 'node:test';
import { Offloader } from '../../src/batches/offloader.ts';
import type { Clock } from '../../src/core/clock.ts';
import { defaultQueue } from '../../src/core/limits.ts';
import { seededRandom } from '../../src/core/random.ts';
import { createEngine } from '../../src/engine/engine.ts';
import type { BatchTimes } from '../../src/faults/index.ts';
import { StoreDesk } from '../../src/queue/desk.ts';
import { Keyring } from '../../src/queue/keyring.ts';
import { Tally } from '../../src/queue/tally.ts';
import { Usage } from '../../src/queue/usage.ts';
import { Vault } from '../../src/queue/vault.ts';
import { migrate } from '../../src/store/migrate.ts';
import type { Store } from '../../src/store/store.ts';
import { memoryTransport, VirtualClock } from '../../src/testing/index.ts';
import { inlineSqlite } from '../../src/testing/inline-sqlite.ts';
import { primary } from '../engine/memory-stage.ts';
import { VirtualApi } from './virtual-api.ts';

const vault = new Vault(new Uint8Array(32).fill(3));
export const isCreation = /^\/v1\/messages\/batches$/;

/**
 * A queue, a simulated API and offload between them, in virtual time.
 * @param lagMs the clock of the gateways is so far behind the database's
 */
export async function openStage(
  context: TestContext,
  times: BatchTimes = { endMs: 60_000, expiryMs: 86_400_000 },
  lagMs = 0,
) {
  const clock = new VirtualClock();
  const gatewayClock: Clock = {
    now: () => clock.now() - lagMs,
    after: (delayMs, callback) => clock.after(delayMs, callback),
    cancel: (timer) => clock.cancel(timer),
  };
  const store = inlineSqlite({ path: ':memory:', clock });
  await migrate(store);
  const api = new VirtualApi(clock, times);
  const offloaders: Offloader[] = [];
  const open = (through: Store, seed: number, afterSeconds: number | null = null) => {
    const random = seededRandom(seed);
    const engine = createEngine({
      transport: memoryTransport({ clock, upstream: api.upstream }),
      primary,
      clock: gatewayClock,
      random,
    });
    const keyring = new Keyring(vault);
    const offloader = new Offloader({ store: through, vault, keyring, clock: gatewayClock, random, onEnded: () => {} });
    offloader.use(engine, afterSeconds);
    offloaders.push(offloader);
    return offloader;
  };
  context.after(async () => {
    await Promise.all(offloaders.map((each) => each.stop()));
    await store.close();
  });
  const desk = new StoreDesk(store, vault, new Usage(store, clock, () => defaultQueue), new Tally(), clock);
  const states = async () => {
    const rows = await store.read({ sql: 'SELECT id, state FROM queue_items ORDER BY id', values: [] });
    return Object.fromEntries(rows.map((row) => [row.id, row.state]));
  };
  /** Times that items stand in the ledger as perhaps billed, with nobody knowing what came of them. */
  const lost = async () => {
    const sql = "SELECT COUNT(*) AS n FROM ledger_attempts WHERE result = 'lost'";
    return (await store.read({ sql, values: [] }))[0]?.n;
  };
  return { clock, store, api, desk, open, states, lost };
}
