import { createInterface } from 'node:readline';
import { systemClock } from '../../src/core/clock.ts';
import { defaultQueue } from '../../src/core/limits.ts';
import { systemRandom } from '../../src/core/random.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { openQueue } from '../../src/queue/open-queue.ts';
import { openStore } from '../../src/store/open.ts';
import { memoryTransport } from '../../src/testing/memory-transport.ts';

// The queue of one gateway among several. It says which requests it has sent, begins when its standard input
// says so, and stops in order when that ends.

const [data = '', database = ''] = process.argv.slice(2);
const answerMs = 1_500;
const clock = systemClock;
const config = { settings: defaultQueue, doors: { keyEnv: null, tokens: new Set<string>() } };
const store = await openStore({ data, database, clock });
const onEnded = () => void process.stdout.write('ended\n');
const queue = await openQueue({ store, data, clock, random: systemRandom }, config, onEnded);
const transport = memoryTransport({
  clock,
  upstream: (request, respond) => {
    const { messages } = JSON.parse(Buffer.from(request.body as Uint8Array).toString());
    process.stdout.write(`sent ${messages[0].content}\n`);
    const body = JSON.stringify({ type: 'message', id: `${process.pid}`, content: [] });
    const timer = clock.after(answerMs, () => respond.answer(200, ['content-type', 'application/json'], body));
    respond.onAbort(() => clock.cancel(timer));
  },
});
const primary = { name: 'default', origin: 'http://upstream', basePath: '', credential: null, models: new Map() };
const engine = createEngine({ transport, primary, observer: queue.observer });

createInterface({ input: process.stdin })
  .once('line', () => queue.use(engine, config))
  .once('close', async () => {
    await queue.stop();
    await store.close();
  });
process.stdout.write('ready\n');
