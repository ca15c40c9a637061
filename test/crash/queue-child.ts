import { systemClock, wait } from '../../src/core/clock.ts';
import { RidethroughError } from '../../src/core/errors.ts';
import { defaultQueue } from '../../src/core/limits.ts';
import { systemRandom } from '../../src/core/random.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { openQueue, type Queue } from '../../src/queue/open-queue.ts';
import { openStore } from '../../src/store/open.ts';
import { StoreError } from '../../src/store/store.ts';
import { memoryTransport } from '../../src/testing/memory-transport.ts';
import { batchOf, itemOf } from '../queue/fixtures.ts';
import type { ChildTask } from './crash-child.ts';

// A gateway's queue at work: batches are put in from several hands, and drained at the same time. It
// says so when a batch has been acknowledged, and when the upstream has billed a request.

const hands = 2;
/** Between two batches of a hand, so that the drain keeps up. */
const gapMs = 60;
/** Of a hand whose server is gone, before it goes on. */
const pauseMs = 20;

const { data, database, child } = JSON.parse(process.argv[2] ?? '') as ChildTask;
process.stdin.resume().once('end', () => process.exit());
process.stdout.write('begin\n');

const clock = systemClock;
const config = { settings: defaultQueue, doors: { keyEnv: null, tokens: new Set<string>() } };

/** Opening may meet a server that is being killed. */
async function open(): Promise<Queue> {
  for (;;) {
    try {
      const store = await openStore({ data, database, clock });
      return await openQueue({ store, data, clock, random: systemRandom }, config);
    } catch (error) {
      if (!(error instanceof RidethroughError || error instanceof StoreError)) throw error;
      await wait(clock, pauseMs);
    }
  }
}

const queue = await open();
let billed = 0;
const transport = memoryTransport({
  clock,
  upstream: (request, respond) => {
    const { model } = JSON.parse(Buffer.from(request.body as Uint8Array).toString());
    process.stdout.write(`billed ${model}\n`);
    // Each answer is another, so that one that took the place of an earlier one would show.
    const answer = JSON.stringify({ type: 'message', id: `${child}-${++billed}`, content: [] });
    clock.after(1, () => respond.answer(200, ['content-type', 'application/json'], answer));
  },
});
const primary = { name: 'default', origin: 'http://upstream', basePath: '', credential: null, models: new Map() };
queue.use(createEngine({ transport, primary, observer: queue.observer }), config);

let made = 0;
async function put(): Promise<void> {
  for (;;) {
    const id = `${child}-${++made}`;
    // Each has a model of its own, and so a pace of its own: they are drained as fast as it goes.
    const items = [1, 2].map((index) => {
      const model = `${id}-${index}`;
      return itemOf(model, { model, body: Buffer.from(JSON.stringify({ model, max_tokens: 1, messages: [] })) });
    });
    try {
      await queue.desk.put({ ...batchOf(id, []), items });
      process.stdout.write(`kept ${id}\n`);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
    }
    await wait(clock, gapMs);
  }
}

await Promise.all(Array.from({ length: hands }, put));
