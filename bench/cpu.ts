import { parseArgs } from 'node:util';
import { pinOurselves, type RunningProxy, startProxy } from './proxies.ts';
import { measureSaturation } from './requests.ts';
import { median, type Throughput } from './statistics.ts';
import { measureFlood } from './streams.ts';
import { startUpstream } from './upstream.ts';

/**
 * Processor time that a request, and an event of a stream, costs the gateway and the bare
 * pass-through, in turns: what a change to the hot path is judged by, also where others use the machine.
 *
 *     node bench/cpu.ts [--rounds 5]
 */
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const saturationMs = 2_000;
const floodEvents = 1_000;

type Name = 'bare' | 'ours';
type Work = (port: number) => Promise<Throughput>;

/** Microseconds of processor time for one of what the work counts. */
async function costUs(proxy: RunningProxy, work: Work): Promise<number> {
  const before = proxy.cpuSeconds();
  const { count } = await work(proxy.port);
  const after = proxy.cpuSeconds();
  if (before === null || after === null) throw new Error('This system does not tell the processor time of a process.');
  return ((after - before) / count) * 1e6;
}

async function compare(name: string, proxies: ReadonlyMap<Name, RunningProxy>, work: Work): Promise<void> {
  const costsUs: Record<Name, number[]> = { bare: [], ours: [] };
  for (const proxy of proxies.values()) await work(proxy.port);
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [target, proxy] of proxies) costsUs[target].push(await costUs(proxy, work));
  }
  const [bare, ours] = [median(costsUs.bare), median(costsUs.ours)];
  const share = (bare / ours).toFixed(2);
  console.log(
    `${name}: ridethrough ${ours.toFixed(1)} µs, bare ${bare.toFixed(1)} µs; ${share} × as many a CPU second`,
  );
}

pinOurselves();
const upstream = await startUpstream();
const proxies = new Map<Name, RunningProxy>();
try {
  for (const name of ['bare', 'ours'] as const) proxies.set(name, await startProxy(name, upstream.port));
  await compare('request', proxies, (port) => measureSaturation(port, saturationMs));
  await compare('event', proxies, (port) => measureFlood(port, floodEvents));
} finally {
  for (const proxy of proxies.values()) await proxy.close();
  upstream.close();
}
