import type { Plan } from './plan.ts';
import { type ProxyName, type RunningProxy, startProxy } from './proxies.ts';
import { measureLatency, measureSaturation } from './requests.ts';
import { median, quantile, type Throughput } from './statistics.ts';
import { measureFlood, measurePaced, type Paced } from './streams.ts';
import type { Upstream } from './upstream.ts';

/** `direct`: no proxy at all, which is the most that load and upstream can do here. */
export type TargetName = 'direct' | Exclude<ProxyName, 'ledger'>;

/** Figures of one target: medians over the rounds, and sums over them for what a second of processor time does. */
export interface Figures {
  readonly requestsPerSecond: number;
  /** null: not known, or no proxy. */
  readonly requestsPerCpuSecond: number | null;
  readonly latencyP50Ms: number;
  readonly latencyP99Ms: number;
  readonly eventsPerSecond: number;
  readonly eventsPerCpuSecond: number | null;
  readonly eventDelayP50Ms: number;
  readonly eventDelayP99Ms: number;
  /** null: not known, or nothing to weigh. */
  readonly bytesPerStream: number | null;
}

/** One kind of work, done in each round: what came of it and the processor time the proxy took. */
class Work {
  readonly #perSecond: number[] = [];
  #count = 0;
  #cpuSeconds = 0;

  async add(proxy: RunningProxy | null, measured: () => Promise<Throughput>): Promise<void> {
    const before = proxy?.cpuSeconds() ?? null;
    const { count, perSecond } = await measured();
    const after = proxy?.cpuSeconds() ?? null;
    this.#perSecond.push(perSecond);
    this.#count += count;
    this.#cpuSeconds += before === null || after === null ? Number.NaN : after - before;
  }

  get perSecond(): number {
    return median(this.#perSecond);
  }

  get perCpuSecond(): number | null {
    const perCpuSecond = this.#count / this.#cpuSeconds;
    return Number.isFinite(perCpuSecond) ? perCpuSecond : null;
  }
}

/** A target with what the rounds have shown of it. */
interface Target {
  readonly proxy: RunningProxy | null;
  readonly port: number;
  readonly requests: Work;
  readonly events: Work;
  readonly p50Ms: number[];
  readonly p99Ms: number[];
}

/** Until the compiler of a proxy in Node has seen enough, on a core that it shares with what it compiles. */
const warmUpMs = 10_000;
/** Streams are few, and long: they need less. */
const pacedWarmUpMs = 4_000;

/** Measures each target; `note` is told what is being done. */
export async function measureAll(
  names: readonly TargetName[],
  upstream: Upstream,
  plan: Plan,
  note: (line: string) => void,
): Promise<Map<TargetName, Figures>> {
  const targets = await measureRounds(names, upstream, plan, note);
  const all = new Map<TargetName, Figures>();
  for (const [name, { requests, events, p50Ms, p99Ms }] of targets) {
    note(`${plan.pacedStreams} paced streams, ${name}`);
    const paced = await measurePacedTarget(name, upstream, plan);
    all.set(name, {
      requestsPerSecond: requests.perSecond,
      requestsPerCpuSecond: requests.perCpuSecond,
      latencyP50Ms: median(p50Ms),
      latencyP99Ms: median(p99Ms),
      eventsPerSecond: events.perSecond,
      eventsPerCpuSecond: events.perCpuSecond,
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
): Promise<Map<TargetName, Target>> {
  const targets = new Map<TargetName, Target>();
  try {
    for (const name of names) {
      const proxy = name === 'direct' ? null : await startProxy(name, upstream.port);
      const port = proxy?.port ?? upstream.port;
      targets.set(name, { proxy, port, requests: new Work(), events: new Work(), p50Ms: [], p99Ms: [] });
      await measureSaturation(port, warmUpMs);
      await measureFlood(port, plan.floodEvents);
    }
    for (let round = 0; round < plan.rounds; round++) {
      note(`round ${round + 1} of ${plan.rounds}`);
      for (const target of targets.values()) await measureRound(target, plan);
    }
  } finally {
    for (const { proxy } of targets.values()) await proxy?.close();
  }
  return targets;
}

async function measureRound({ proxy, port, requests, events, p50Ms, p99Ms }: Target, plan: Plan): Promise<void> {
  await requests.add(proxy, () => measureSaturation(port, plan.saturationMs));
  await events.add(proxy, () => measureFlood(port, plan.floodEvents));
  const latenciesMs = await measureLatency(port, plan.latencyRatePerSecond, plan.latencyMs);
  p50Ms.push(quantile(latenciesMs, 0.5));
  p99Ms.push(quantile(latenciesMs, 0.99));
}

/** In a process of its own, warmed up with a tenth of the streams: what it holds already is not counted. */
async function measurePacedTarget(name: TargetName, upstream: Upstream, plan: Plan): Promise<Paced> {
  const proxy = name === 'direct' ? null : await startProxy(name, upstream.port);
  try {
    const options = { upstream, port: proxy?.port ?? upstream.port, rssBytes: () => proxy?.rssBytes() ?? null };
    await measurePaced({ ...options, streams: Math.ceil(plan.pacedStreams / 10), durationMs: pacedWarmUpMs });
    return await measurePaced({ ...options, streams: plan.pacedStreams, durationMs: plan.pacedMs });
  } finally {
    await proxy?.close();
  }
}
