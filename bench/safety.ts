import { parseArgs } from 'node:util';
import { systemClock } from '../src/core/clock.ts';
import { type Attempt, startSimulator } from '../src/faults/index.ts';
import { Connection } from './connection.ts';
import { pacedRequest, streamStart } from './messages.ts';
import { pinOurselves, type RunningProxy, startEarlier, startProxy } from './proxies.ts';
import { median, quantile } from './statistics.ts';
import { measureFlood, measurePaced } from './streams.ts';
import { paceMs, startUpstream, type Upstream } from './upstream.ts';

/**
 * What it costs that streams which break are healed: healthy streams beside those of a checkout that
 * could not heal any, and the time from a cut to the next byte.
 *
 *     node bench/safety.ts [--before FOLDER]
 */
const { values } = parseArgs({ options: { before: { type: 'string' } } });
const rounds = 7;
const floodEvents = 1_000;
const paced = { streams: 500, durationMs: 5_000, warmUpMs: 1_000 };
const cuts = 500;
/** The first ones meet code that has not been compiled yet. */
const coldCuts = 20;
/** The simulator's own time to the first byte of every answer. */
const firstByteMs = 50;
/** In the middle of the text. */
const cutAtByte = 1_200;

/** Events a second in turns, and their processor time. */
async function compareFloods(before: RunningProxy, now: RunningProxy): Promise<void> {
  const ratios: number[] = [];
  const cost = new Map([before, now].map((proxy) => [proxy, { events: 0, cpuSeconds: 0 }]));
  const turn = async (proxy: RunningProxy) => {
    const startedAt = proxy.cpuSeconds() ?? Number.NaN;
    const { count, perSecond } = await measureFlood(proxy.port, floodEvents);
    const sums = cost.get(proxy);
    if (sums !== undefined) {
      sums.events += count;
      sums.cpuSeconds += (proxy.cpuSeconds() ?? Number.NaN) - startedAt;
    }
    return perSecond;
  };
  for (const proxy of [before, now]) await measureFlood(proxy.port, floodEvents);
  for (let round = 0; round < rounds; round++) {
    const earlier = await turn(before);
    ratios.push((await turn(now)) / earlier);
  }
  const [us = Number.NaN, usNow = Number.NaN] = [...cost.values()].map(
    ({ events, cpuSeconds }) => (cpuSeconds / events) * 1e6,
  );
  console.log(`events/s: ${median(ratios).toFixed(2)} × those before (median of ${rounds} rounds)`);
  console.log(`processor time an event: ${usNow.toFixed(1)} µs, before ${us.toFixed(1)} µs`);
}

async function kibPerStream(proxy: RunningProxy, upstream: Upstream): Promise<number> {
  const options = { upstream, port: proxy.port, rssBytes: () => proxy.rssBytes() };
  await measurePaced({ ...options, streams: paced.streams / 10, durationMs: paced.warmUpMs });
  const { bytesPerStream } = await measurePaced({ ...options, ...paced });
  return (bytesPerStream ?? Number.NaN) / 1024;
}

async function compareStreams(folder: string): Promise<void> {
  const upstream = await startUpstream();
  const [before, now] = [await startEarlier(folder, upstream.port), await startProxy('ours', upstream.port)];
  try {
    await compareFloods(before, now);
    const [kib, kibNow] = [await kibPerStream(before, upstream), await kibPerStream(now, upstream)];
    const contentKib = (streamStart.length + (paced.durationMs / paceMs) * stampedBytes) / 1024;
    console.log(`memory a stream: ${kibNow.toFixed(0)} KiB, before ${kib.toFixed(0)} KiB`);
    console.log(`delivered by a stream when it ends: ${contentKib.toFixed(0)} KiB`);
  } finally {
    await before.close();
    await now.close();
    upstream.close();
  }
}

const stampedBytes = 120;

/** One stream that the simulator cuts: milliseconds from the cut to the next byte, without the simulator's own. */
async function measureCut(connection: Connection, attempts: readonly Attempt[]): Promise<number> {
  const known = attempts.length;
  const arrivedMs: number[] = [];
  await new Promise<void>((resolve) => {
    connection.handler = { body: () => arrivedMs.push(systemClock.now()), end: resolve };
    connection.send(pacedRequest);
  });
  const [cut, next] = attempts.slice(known);
  if (cut?.endedAtMs == null || next === undefined || connection.status !== 200) throw new Error('It was not healed.');
  // What arrives before is what was on its way when the connection was cut.
  const answeredMs = next.startedAtMs + firstByteMs / 2;
  const nextByteMs = arrivedMs.find((instant) => instant >= answeredMs) ?? Number.NaN;
  if ((arrivedMs[0] ?? nextByteMs) >= answeredMs) throw new Error('Nothing was released before the cut.');
  return nextByteMs - cut.endedAtMs - firstByteMs;
}

async function measureCuts(): Promise<void> {
  const simulator = await startSimulator({
    scenario: { latency: { firstByteMs, eventMs: 0, spread: 0 } },
    plan: ({ index }) => (index % 2 === 1 ? `cut-reset@${cutAtByte}` : null),
  });
  const proxy = await startProxy('ours', simulator.port);
  const connection = await Connection.open(proxy.port);
  try {
    const beyondMs: number[] = [];
    for (let i = 0; i < coldCuts + cuts; i++) beyondMs.push(await measureCut(connection, simulator.attempts));
    const coldMs = Math.max(...beyondMs.splice(0, coldCuts));
    const [p50, p99] = [quantile(beyondMs, 0.5), quantile(beyondMs, 0.99)];
    console.log(`from a cut to the next byte, beyond the upstream's own ${firstByteMs} ms:`);
    console.log(
      `  p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms (${cuts} cuts); of the first ${coldCuts} at most ${coldMs.toFixed(1)} ms`,
    );
  } finally {
    connection.close();
    await proxy.close();
    await simulator.close();
  }
}

pinOurselves();
if (values.before !== undefined) await compareStreams(values.before);
await measureCuts();
