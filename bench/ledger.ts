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

/** One turn: answers a second, and microseconds of processor time for each. */
async function turn(proxy: RunningProxy): Promise<{ perSecond: number; cpuUs: number }> {
  const before = proxy.cpuSeconds() ?? Number.NaN;
  const { count, perSecond } = await measureSaturation(proxy.port, saturationMs);
  return { perSecond, cpuUs: (((proxy.cpuSeconds() ?? Number.NaN) - before) / count) * 1e6 };
}

pinOurselves();
const upstream = await startUpstream();
const without = await startProxy('ours', upstream.port);
const recorded = await startProxy('recorded', upstream.port);
try {
  for (const proxy of [without, recorded]) proxy.unpin();
  for (const proxy of [without, recorded]) await turn(proxy);
  const ratios: number[] = [];
  const costsUs: number[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    // Whoever goes first in one round goes second in the next.
    const [a, b] = round % 2 === 0 ? [without, recorded] : [recorded, without];
    const [first, second] = [await turn(a), await turn(b)];
    const [plain, kept] = round % 2 === 0 ? [first, second] : [second, first];
    ratios.push(kept.perSecond / plain.perSecond);
    costsUs.push(kept.cpuUs - plain.cpuUs);
    console.log(
      `round ${round + 1}: ${plain.perSecond.toFixed(0)} requests/s without, ${kept.perSecond.toFixed(0)} with the ledger`,
    );
  }
  const lost = (1 - median(ratios)) * 100;
  console.log(`requests/s lost to the ledger: ${lost.toFixed(1)} % (median of ${ratios.length} rounds)`);
  console.log(`processor time of a call's rows, all threads: ${median(costsUs).toFixed(0)} µs`);
} finally {
  await without.close();
  await recorded.close();
  upstream.close();
}
