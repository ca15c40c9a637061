import type { TestContext } from 'node:test';
import { seededRandom } from '../../src/core/random.ts';
import type { Transport } from '../../src/core/transport.ts';
import { memoryTransport } from '../../src/testing/memory-transport.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { logNormalMs } from '../simulation/world.ts';
import { openStage } from './stage.ts';

const json = ['content-type', 'application/json'];
const overloaded = '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}';
const message = '{"type":"message","content":[]}';
/** An answer that takes longer than its caller waits would fail without us as well. */
const longestAnswerMs = 25_000;

export interface OutagePlan {
  readonly seed: number;
  readonly perSecond: number;
  readonly calmMs: number;
  readonly outageMs: number;
  /** The mean time of an answer. */
  readonly answerMs: number;
}

export interface OutageReport {
  /** Live calls before and after the outage that were not whole. */
  readonly liveFailed: number;
  /** Mean and largest time of live calls, in milliseconds: before the outage, and while the queue was drained. */
  readonly before: { readonly meanMs: number; readonly largestMs: number };
  readonly during: { readonly meanMs: number; readonly largestMs: number };
  /** The most that a live call took longer than upstream for its answer, while the queue was drained. */
  readonly largestDelayMs: number;
  readonly queued: number;
  readonly completed: number;
  /** Exchanges a second, live and drain together, in the busiest minute of the drain after the first. */
  readonly busiestPerSecond: number;
  /** From the end of the outage until the queue was empty. */
  readonly backlogMs: number;
  /** Requests that upstream answered more than once. */
  readonly doubled: number;
}

/** One caller in virtual time through an outage, whose calls go into the queue, until the queue is empty again. */
export async function liveThroughOutage(t: TestContext, plan: OutagePlan): Promise<OutageReport> {
  const clock = new VirtualClock();
  const startMs = clock.now();
  const random = seededRandom(plan.seed);
  const nowMs = () => clock.now() - startMs;
  const outageEndMs = plan.calmMs + plan.outageMs;
  const isDown = () => nowMs() >= plan.calmMs && nowMs() < outageEndMs;
  const exchanges: number[] = [];
  const answered = new Map<string, number>();
  const answerMs = new Map<string, number>();
  const transport: Transport = memoryTransport({
    clock,
    upstream: (request, respond) => {
      const minute = Math.floor(nowMs() / 60_000);
      exchanges[minute] = (exchanges[minute] ?? 0) + 1;
      if (isDown()) return respond.answer(529, json, overloaded);
      const name = Buffer.from(request.body as Uint8Array).toString();
      const ownMs = Math.min(longestAnswerMs, logNormalMs(random, plan.answerMs));
      answerMs.set(name, ownMs);
      const timer = clock.after(ownMs, () => {
        answered.set(name, (answered.get(name) ?? 0) + 1);
        respond.answer(200, json, message);
      });
      respond.onAbort(() => clock.cancel(timer));
    },
  });
  const { queue, send } = await openStage(t, { clock, transport, seed: plan.seed });

  let liveFailed = 0;
  let sent = 0;
  let largestDelayMs = 0;
  const before: number[] = [];
  const during: number[] = [];
  let emptyAtMs = 0;
  const next = () => {
    if (emptyAtMs > 0) return;
    const atMs = nowMs();
    const body = `{"model":"claude-opus-5-5","max_tokens":100,"messages":[{"role":"user","content":"${sent++}"}]}`;
    const { reply } = send(['ridethrough-deadline', '30', 'ridethrough-on-exhaustion', 'queue'], { body });
    const told = ({ status }: { status: number | null }) => {
      const tookMs = nowMs() - atMs;
      if (atMs > outageEndMs + 60_000) {
        during.push(tookMs);
        largestDelayMs = Math.max(largestDelayMs, tookMs - (answerMs.get(body) ?? 0));
      } else if (atMs < plan.calmMs - 60_000) before.push(tookMs);
      else return;
      if (status !== 200) liveFailed++;
    };
    reply.done.then(told, () => {});
    clock.after((-Math.log(1 - random.next()) / plan.perSecond) * 1000, next);
  };
  clock.after(0, next);
  await clock.advance(outageEndMs);
  const figure = (name: string) => queue.figures.find((each) => each.name === name)?.read()[0]?.value ?? 0;
  const open = () => figure('queue_kept_total') - figure('queue_succeeded_total') - figure('queue_errored_total');
  do await clock.advance(60_000);
  while (open() > 0 && nowMs() < outageEndMs + 24 * 3_600_000);
  emptyAtMs = nowMs();
  await clock.advance(60_000);
  await queue.stop();
  const firstMinute = Math.floor(outageEndMs / 60_000) + 1;
  const drained = exchanges.slice(firstMinute, Math.floor(emptyAtMs / 60_000));
  return {
    liveFailed,
    before: spread(before),
    during: spread(during),
    largestDelayMs: Math.round(largestDelayMs),
    queued: figure('queue_kept_total'),
    completed: figure('queue_succeeded_total'),
    busiestPerSecond: Math.max(0, ...drained) / 60,
    backlogMs: emptyAtMs - outageEndMs,
    doubled: [...answered.values()].filter((count) => count > 1).length,
  };
}

function spread(timesMs: readonly number[]): { meanMs: number; largestMs: number } {
  const sum = timesMs.reduce((total, each) => total + each, 0);
  const largestMs = timesMs.reduce((largest, each) => Math.max(largest, each), 0);
  return { meanMs: Math.round(sum / timesMs.length), largestMs: Math.round(largestMs) };
}
