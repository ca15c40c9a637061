import { parseArgs } from 'node:util';
import { pinOurselves, type RunningProxy, startProxy } from './proxies.ts';
import { measureSaturation } from './requests.ts';
import { median } from './statistics.ts';
import { startUpstream } from './upstream.ts';

/**
 * What the ledger costs: the gateway without and with it, in turns, so that a slow moment of the
 * machine strikes both. The thread of the database has the other core, beside the load, as it has
 * wherever there is more than one; its processor time is counted all the same.
 *
 *     npm run bench:ledger [-- --rounds 9]
 */
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' } } });
const saturationMs = 2_500;

interface Turn {
  readonly perSecond: number;
  /** Microseconds of processor time for each answer: of all threads, and of the one that serves calls. */
  readonly allUs: number;
  readonly mainUs: number;
}

async function turn(proxy: RunningProxy): Promise<Turn> {
  const [all, main] = [proxy.cpuSeconds() ?? Number.NaN, proxy.mainSeconds() ?? Number.NaN];
  const { count, perSecond } = await measureSaturation(proxy.port, saturationMs);
  const each = (before: number, after: number | null) => (((after ?? Number.NaN) - before) / count) * 1e6;
  return { perSecond, allUs: each(all, proxy.cpuSeconds()), mainUs: each(main, proxy.mainSeconds()) };
}

pinOurselves();
const upstream = await startUpstream();
const without = await startProxy('ours', upstream.port);
const recorded = await startProxy('recorded', upstream.port);
try {
  for (const proxy of [without, recorded]) proxy.unpin();
  for (const proxy of [without, recorded]) await turn(proxy);
  const turns: { plain: Turn; kept: Turn }[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    // Whoever goes first in one round goes second in the next.
    const isEven = round % 2 === 0;
    const first = await turn(isEven ? without : recorded);
    const second = await turn(isEven ? recorded : without);
    turns.push(isEven ? { plain: first, kept: second } : { plain: second, kept: first });
  }
  const of = (pick: (turn: { plain: Turn; kept: Turn }) => number) => median(turns.map(pick));
  const lost = 1 - of(({ plain, kept }) => kept.perSecond / plain.perSecond);
  const busier = of(({ plain, kept }) => kept.mainUs / plain.mainUs) - 1;
  const plainUs = of(({ plain }) => plain.allUs);
  const moreUs = of(({ plain, kept }) => kept.allUs - plain.allUs);
  console.log(`${turns.length} rounds, medians`);
  console.log(
    `requests/s: ${of(({ plain }) => plain.perSecond).toFixed(0)}, with the ledger ${(lost * 100).toFixed(1)} % fewer`,
  );
  console.log(
    `the thread that serves calls: ${of(({ plain }) => plain.mainUs).toFixed(0)} µs a call, ${(busier * 100).toFixed(1)} % more`,
  );
  console.log(`all threads: ${plainUs.toFixed(0)} µs a call, ${moreUs.toFixed(0)} µs more`);
} finally {
  await without.close();
  await recorded.close();
  upstream.close();
}
