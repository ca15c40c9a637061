import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/core/clock.ts';
import { defaultQueue } from '../../src/core/limits.ts';
import { StoreDesk } from '../../src/queue/desk.ts';
import { loadKey } from '../../src/queue/key-file.ts';
import { Tally } from '../../src/queue/tally.ts';
import { Usage } from '../../src/queue/usage.ts';
import { Vault } from '../../src/queue/vault.ts';
import { type StoreStage, storeStage, withoutPostgres } from '../store/with-stores.ts';
import { batchOf, itemOf } from './fixtures.ts';

const program = fileURLToPath(new URL('gateway-child.ts', import.meta.url));
const models = ['a', 'b', 'c', 'd'];
const itemsPerModel = 6;

/** A gateway in a process of its own. */
class Gateway {
  readonly process: ChildProcess;
  readonly sent: string[] = [];
  readonly closed: Promise<unknown>;
  #lines = 0;
  #news = Promise.withResolvers<void>();

  constructor({ data, database, t }: StoreStage) {
    const argv = ['--conditions=ridethrough-source', program, data, database ?? ''];
    this.process = spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.closed = once(this.process, 'close').then(() => this.#news.resolve());
    t.after(() => void this.process.kill('SIGKILL'));
    createInterface({ input: this.process.stdout ?? assert.fail() }).on('line', (line) => {
      this.#lines++;
      if (line.startsWith('sent ')) this.sent.push(line.slice('sent '.length));
      this.#news.resolve();
    });
  }

  go(): void {
    this.process.stdin?.write('go\n');
  }

  /** Resolves when a condition holds; it is looked at after each line. */
  async until(condition: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await condition())) {
      if (this.process.exitCode !== null) throw new Error(`a gateway ended by itself (${this.process.exitCode})`);
      await this.#news.promise;
      this.#news = Promise.withResolvers();
    }
  }

  get isReady(): boolean {
    return this.#lines > 0;
  }
}

test('of three gateways on one Postgres one is killed and one stopped: nothing is lost or recorded twice, and claims are fair', {
  skip: withoutPostgres,
}, async (t) => {
  const stage = await storeStage('postgres', t);
  const store = await stage.open();
  const vault = new Vault(loadKey(stage.data));
  const desk = new StoreDesk(store, vault, new Usage(store, systemClock, () => defaultQueue), new Tally(), systemClock);
  for (const model of models) {
    const ids = Array.from({ length: itemsPerModel }, (_, index) => `${model}${index}`);
    const items = ids.map((id) => {
      const body = Buffer.from(JSON.stringify({ model, max_tokens: 9, messages: [{ role: 'user', content: id }] }));
      return itemOf(id, { model, body });
    });
    await desk.put({ ...batchOf(model, []), items });
  }
  const gateways = [new Gateway(stage), new Gateway(stage), new Gateway(stage)] as const;
  const [killed, stopped, living] = gateways;
  await Promise.all(gateways.map((each) => each.until(() => each.isReady)));
  for (const each of gateways) each.go();
  // Each begins with one of each lane, and none has an answer yet.
  await Promise.all(gateways.map((each) => each.until(() => each.sent.length >= models.length)));
  killed.process.kill('SIGKILL');
  stopped.process.kill('SIGSTOP');
  await killed.closed;
  const shares = gateways.map(({ sent }) => sent.length);
  assert.ok(Math.max(...shares) <= 3 * Math.min(...shares), `claims are not fair: ${shares}`);

  const rowsOf = () =>
    store.read({ sql: 'SELECT id, state, unsure, fence, result FROM queue_items ORDER BY id', values: [] });
  const isDone = async () => (await rowsOf()).every(({ state }) => state === 'succeeded');
  // Their leases run out, as far as the database knows.
  const held = [...killed.sent, ...stopped.sent];
  await store.write(
    held.map((id) => ({
      sql: "UPDATE queue_items SET lease_until = 0 WHERE id = $1 AND state = 'running'",
      values: [id],
    })),
  );
  await living.until(isDone);
  const before = await rowsOf();
  assert.equal(before.length, models.length * itemsPerModel);

  // It wakes with answers to requests that are no longer its own.
  stopped.process.kill('SIGCONT');
  stopped.process.stdin?.end();
  living.process.stdin?.end();
  await Promise.all([stopped.closed, living.closed]);
  assert.deepEqual(await rowsOf(), before, 'who was stopped has changed what others had recorded');
  const billed = gateways.flatMap(({ sent }) => sent).length;
  const unsure = before.reduce((sum, row) => sum + Number(row.unsure), 0);
  assert.ok(billed <= before.length + unsure, `${billed} were sent, and ${unsure} may be billed twice`);
  t.diagnostic(
    `shares ${shares}; ${billed} sent for ${before.length} items, ${unsure} counted as possibly billed twice`,
  );
});
