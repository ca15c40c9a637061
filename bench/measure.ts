import type { Plan } from './plan.ts';
import { type ProxyName, type RunningProxy, startProxy } from './proxies.ts';
import { measureLatency, measureSaturation } from './requests.ts';
import { median, quantile } from './statistics.ts';
import { measureFlood, measurePaced, type Paced } from './streams.ts';
import type { Upstream } from './upstream.ts';

/** `direct`: no proxy at all, which is the most that load and upstream can do here. */
export type TargetName = 'direct' | ProxyName;

/** Figures of one target: medians over the rounds. */
export interface Figures {
  readonly requestsPerSecond: number;
  readonly latencyP50Ms: number;
  readonly latencyP99Ms: number;
  readonly eventsPerSecond: number;
  readonly eventDelayP50Ms: number;
  readonly eventDelayP99Ms: number;
  /** null: not known, or nothing to weigh. */
  readonly bytesPerStream: number | null;
}

interface Samples {
  readonly requests: number[];
  readonly p50: number[];
  readonly p99: number[];
  readonly events: number[];
}

const warmUpMs = 1_500;

/** Measures each target; `note` is told what is being done. */
export async function measureAll(
  names: readonly TargetName[],
  upstream: Upstream,
  plan: Plan,
  note: (line: string) => void,
): Promise<Map<TargetName, Figures>> {
  const samples = await measureRounds(names, upstream, plan, note);
  const all = new Map<TargetName, Figures>();
  for (const [name, { requests, p50, p99, events }] of samples) {
    note(`${plan.pacedStreams} paced streams, ${name}`);
    const paced = await measurePacedTarget(name, upstream, plan);
    all.set(name, {
      requestsPerSecond: median(requests),
      latencyP50Ms: median(p50),
      latencyP99Ms: median(p99),
      eventsPerSecond: median(events),
      eventDelayP50Ms: quantile(paced.delaysMs, 0.5),
      eventDelayP99Ms: quantile(paced.delaysMs, 0.99),
      bytesPerStream: paced.bytesPerStream,
    });
  }
  return all;
}

/** Every round gives each target its turn, so that a slow minute of the machine strikes all alike. */
async function measureRounds(
  names: readonly TargetName[],
  upstream: Upstream,
  plan: Plan,
  note: (line: string) => void,
): Promise<Map<TargetName, Samples>> {
  const proxies: RunningProxy[] = [];
  const ports = new Map<TargetName, number>();
  const samples = new Map<TargetName, Samples>();
  try {
    for (const name of names) {
      const proxy = name === 'direct' ? null : await startProxy(name, upstream.port);
      if (proxy !== null) proxies.push(proxy);
      ports.set(name, proxy?.port ?? upstream.port);
      samples.set(name, { requests: [], p50: [], p99: [], events: [] });
      await measureSaturation(ports.get(name) ?? 0, warmUpMs);
      await measureFlood(ports.get(name) ?? 0, plan.floodEvents);
    }
    for (let round = 0; round < plan.rounds; round++) {
      note(`round ${round + 1} of ${plan.rounds}`);
      for (const [name, { requests, p50, p99, events }] of samples) {
        const port = ports.get(name) ?? 0;
        requests.push(await measureSaturation(port, plan.saturationMs));
        const latenciesMs = await measureLatency(port, plan.latencyRatePerSecond, plan.latencyMs);
        p50.push(quantile(latenciesMs, 0.5));
        p99.push(quantile(latenciesMs, 0.99));
        events.push(await measureFlood(port, plan.floodEvents));
      }
    }
  } finally {
    for (const proxy of proxies) await proxy.close();
  }
  return samples;
}

/** In a process of its own, warmed up with a tenth of the streams: what it holds already is not counted. */
async function measurePacedTarget(name: TargetName, upstream: Upstream, plan: Plan): Promise<Paced> {
  const proxy = name === 'direct' ? null : await startProxy(name, upstream.port);
  try {
    const options = { upstream, port: proxy?.port ?? upstream.port, rssBytes: () => proxy?.rssBytes() ?? null };
    await measurePaced({ ...options, streams: Math.ceil(plan.pacedStreams / 10), durationMs: warmUpMs });
    return await measurePaced({ ...options, streams: plan.pacedStreams, durationMs: plan.pacedMs });
  } finally {
    await proxy?.close();
  }
}
