import { systemClock } from '../../src/core/clock.ts';
import { openStore } from '../../src/store/open.ts';

// Opens a store, and ends when told to, so that several may be open at once.

const [, , data = '', database] = process.argv;
const store = await openStore({ data, database: database ?? null, clock: systemClock });
process.stdout.write('open\n');
process.stdin.resume().once('end', async () => {
  await store.close();
});
