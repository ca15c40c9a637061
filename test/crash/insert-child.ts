import { systemClock, wait } from '../../src/core/clock.ts';
import { RidethroughError } from '../../src/core/errors.ts';
import { openStore } from '../../src/store/open.ts';
import { type Store, StoreError } from '../../src/store/store.ts';
import type { ChildTask } from './crash-child.ts';
import { createRows } from './insert-rows.ts';

// Inserts rows from several hands at once, and says so when each has been acknowledged.

const hands = 8;
/** Of a hand whose server is gone, before it goes on. */
const pauseMs = 20;

const { data, database, child } = JSON.parse(process.argv[2] ?? '') as ChildTask;
process.stdin.resume().once('end', () => process.exit());
process.stdout.write('begin\n');

/** Opening may meet a server that is being killed, or two who make the same table. */
async function open(): Promise<Store> {
  for (;;) {
    try {
      const store = await openStore({ data, database, clock: systemClock });
      await store.write([createRows]);
      return store;
    } catch (error) {
      if (!(error instanceof RidethroughError || error instanceof StoreError)) throw error;
      await wait(systemClock, pauseMs);
    }
  }
}

const store = await open();
let made = 0;

async function insert(): Promise<void> {
  for (;;) {
    const id = `${child}-${++made}`;
    try {
      await store.write([
        { sql: 'INSERT INTO crash_rows (id, bytes) VALUES ($1, $2)', values: [id, new Uint8Array(300)] },
      ]);
      process.stdout.write(`${id}\n`);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      await wait(systemClock, pauseMs);
    }
  }
}

await Promise.all(Array.from({ length: hands }, insert));
