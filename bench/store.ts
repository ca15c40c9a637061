import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../src/core/clock.ts';
import { openStore } from '../src/store/open.ts';
import type { Statement, Store } from '../src/store/store.ts';
import { startPostgres } from '../test/store/postgres-server.ts';
import { median, quantile } from './statistics.ts';

/**
 * How much the store takes: inserts like those of a queue, alone and from many hands at once, claims,
 * and reads beside them; on both back ends in turn, several rounds, with what the disk itself can
 * sync beside them, because that decides and differs by the hour.
 *
 *     npm run bench:store [-- --rounds 5] [-- --seconds 1]
 */
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '1' } },
});
const rounds = Number(values.rounds);
const sliceMs = Number(values.seconds) * 1_000;

const payload = new Uint8Array(1_024).fill(7);
let made = 0;

const insert = (): Statement => ({
  sql: `INSERT INTO bench_jobs (id, state, fence, body) VALUES ($1, 'waiting', 0, $2)`,
  values: [++made, payload],
});
const claim: Statement = {
  sql: `UPDATE bench_jobs SET state = 'running', fence = fence + 1, lease_until = rt_now() + 30000 WHERE id IN (
    SELECT id FROM bench_jobs WHERE state = 'waiting' ORDER BY id LIMIT 1 {skip_locked}) RETURNING id`,
  values: [],
};
const look = (): Statement => ({ sql: 'SELECT state FROM bench_jobs WHERE id = $1', values: [1 + (made >> 1)] });

/** Works with so many hands for one slice of time. @returns how long each piece took */
async function work(hands: number, piece: () => Promise<unknown>): Promise<number[]> {
  const untilMs = systemClock.now() + sliceMs;
  const tookMs: number[] = [];
  const hand = async () => {
    for (let startMs = systemClock.now(); startMs < untilMs; ) {
      await piece();
      const endMs = systemClock.now();
      tookMs.push(endMs - startMs);
      startMs = endMs;
    }
  };
  await Promise.all(Array.from({ length: hands }, hand));
  return tookMs;
}

/** What is measured, in this order: claims find what the inserts have left. */
const tasks: readonly { readonly name: string; readonly run: (store: Store) => Promise<number[]> }[] = [
  ...[1, 10, 50, 200].map((hands) => ({
    name: `insert, ${hands} at once`,
    run: (store: Store) => work(hands, () => store.write([insert()])),
  })),
  ...[1, 50].map((hands) => ({
    name: `claim, ${hands} at once`,
    run: (store: Store) => work(hands, () => store.write([claim])),
  })),
  { name: 'read beside 50 inserts', run: (store) => beside(store, () => store.read(look())) },
  { name: 'the same, asked of the writer', run: (store) => beside(store, () => store.write([look()])) },
];

async function beside(store: Store, piece: () => Promise<unknown>): Promise<number[]> {
  const [tookMs] = await Promise.all([work(1, piece), work(50, () => store.write([insert()]))]);
  return tookMs;
}

async function open(data: string, database: string | null): Promise<Store> {
  const store = await openStore({ data, database, clock: systemClock });
  const table =
    'CREATE TABLE bench_jobs (id BIGINT PRIMARY KEY, state TEXT NOT NULL, fence BIGINT NOT NULL, lease_until BIGINT, body {blob})';
  const index = "CREATE INDEX bench_waiting ON bench_jobs (id) WHERE state = 'waiting'";
  await store.write([table, index].map((sql) => ({ sql, values: [] })));
  return store;
}

/** What the disk can do: a page appended and synced, again and again. */
async function syncs(folder: string): Promise<number[]> {
  const file = openSync(join(folder, 'syncs'), 'a');
  const page = new Uint8Array(4_096);
  const tookMs = await work(1, async () => {
    writeSync(file, page);
    fdatasyncSync(file);
  });
  closeSync(file);
  return tookMs;
}

interface Row {
  readonly perSecond: number[];
  readonly p50Ms: number[];
  readonly p99Ms: number[];
}
const table = new Map<string, Row>();

function note(name: string, tookMs: readonly number[]): void {
  const row = table.get(name) ?? { perSecond: [], p50Ms: [], p99Ms: [] };
  table.set(name, row);
  row.perSecond.push(tookMs.length / (sliceMs / 1_000));
  row.p50Ms.push(quantile(tookMs, 0.5));
  row.p99Ms.push(quantile(tookMs, 0.99));
}

const folder = mkdtempSync(join(tmpdir(), 'ridethrough-bench-'));
const server = await startPostgres();
const stores: [string, Store][] = [['sqlite', await open(folder, null)]];
if (server === null) console.error('No Postgres on this machine: SQLite alone is measured.');
else stores.push([`postgres ${server.major}`, await open(folder, await server.createDatabase())]);
try {
  for (let round = 0; round < rounds; round++) {
    note('the disk: write 4 KiB and fdatasync', await syncs(folder));
    for (const task of tasks) for (const [name, store] of stores) note(`${name}: ${task.name}`, await task.run(store));
  }
} finally {
  for (const [, store] of stores) await store.close();
  await server?.stop();
  rmSync(folder, { recursive: true });
}

const disk = median(table.get('the disk: write 4 KiB and fdatasync')?.perSecond ?? []);
console.log('| what | per second | to the disk’s syncs | p50 ms | p99 ms |\n|---|---:|---:|---:|---:|');
for (const [name, { perSecond, p50Ms, p99Ms }] of table) {
  const rate = median(perSecond);
  const cells = [name, Math.round(rate), (rate / disk).toFixed(2), median(p50Ms).toFixed(2), median(p99Ms).toFixed(2)];
  console.log(`| ${cells.join(' | ')} |`);
}
