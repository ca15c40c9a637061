import { parseArgs } from 'node:util';
import { type ProxyName, pinOurselves, type RunningProxy, startProxy } from './proxies.ts';
import { measureSaturation } from './requests.ts';
import type { Throughput } from './statistics.ts';
import { measureFlood } from './streams.ts';
import { startUpstream } from './upstream.ts';

/**
 * Processor time that a request, and an event of a stream, costs the gateway, without and with its
 * ledger, and the bare pass-through: the least of several short turns. A change to the hot path is
 * judged by it, also where others use the machine.
 *
 *     node bench/cpu.ts [--rounds 10]
 */
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '10' } } });
const saturationMs = 1_000;
/** Until Node's compiler and garbage collector have settled: before, every proxy in Node costs more. */
const warmUpTurns = 4;
const floodEvents = 1_000;

type Name = Exclude<ProxyName, 'nginx' | 'plain' | 'ledger'>;
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
  const costsUs: Record<Name, number[]> = { bare: [], ours: [], recorded: [] };
  for (let turn = 0; turn < warmUpTurns; turn++) for (const proxy of proxies.values()) await work(proxy.port);
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [target, proxy] of proxies) costsUs[target].push(await costUs(proxy, work));
  }
  // Whoever else uses the machine only adds to it.
  const bareUs = Math.min(...costsUs.bare);
  for (const target of proxies.keys()) {
    const us = Math.min(...costsUs[target]);
    console.log(`${name}, ${target}: ${us.toFixed(1)} µs, ${(bareUs / us).toFixed(2)} × as many a CPU second as bare`);
  }
}

pinOurselves();
const upstream = await startUpstream();
const proxies = new Map<Name, RunningProxy>();
try {
  for (const name of ['bare', 'ours', 'recorded'] as const) proxies.set(name, await startProxy(name, upstream.port));
  await compare('request', proxies, (port) => measureSaturation(port, saturationMs));
  await compare('event', proxies, (port) => measureFlood(port, floodEvents));
} finally {
  for (const proxy of proxies.values()) await proxy.close();
  upstream.close();
}
