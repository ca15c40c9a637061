import type { Random } from '../core/random.ts';
import { type BatchTimes, promptBatches } from './api/batches.ts';
import { ampleLimits, type RateLimits } from './api/rate-limit.ts';
import { type Answers, type Manner, noScript } from './api/script.ts';
import { corpus, notPlayable } from './corpus.ts';
import type { CorpusCase } from './corpus-case.ts';
import { defaultWaits, type Waits } from './fault.ts';
import { faults } from './registry.ts';

/** A span of time in which every attempt on a model, or on all of them, meets one fault. */
export interface Outage {
  /** null: every model. */
  readonly model: string | null;
  /** Only requests whose path begins with it: `/v1/messages/batches`. Default: all. */
  readonly path?: string;
  /** Milliseconds after the scenario was set. */
  readonly fromMs: number;
  /** Milliseconds after the scenario was set; null: for ever. */
  readonly toMs: number | null;
  /** A fault's name. */
  readonly fault: string;
}

/** How long a healthy API takes. */
export interface Latency {
  /** Milliseconds until an answer begins. */
  readonly firstByteMs: number;
  /** Milliseconds before each event of a stream. */
  readonly eventMs: number;
  /** 0…1: each wait is drawn from its value ± this share. */
  readonly spread: number;
}

/** What happens to attempts, as plain JSON. With equal seeds, attempt N meets the same fault in every run. */
export interface Scenario {
  readonly seed: number;
  /** 0…1: the share of attempts that meet a fault, each drawn by itself. */
  readonly rate: number;
  /** Names of faults or corpus cases to draw from, all equally likely. */
  readonly kinds: readonly string[];
  /** How many faults there are at most; null: no end. */
  readonly times: number | null;
  readonly outages: readonly Outage[];
  readonly rateLimits: RateLimits;
  readonly latency: Latency;
  /** How long batches take. */
  readonly batches: BatchTimes;
  /** Every wait of a fault is multiplied by this: 1 is true to life, 0.01 makes an hour 36 s. */
  readonly waitScale: number;
  /** Waits that hold as they stand, whatever the scale. */
  readonly waits: Partial<Waits>;
  /** Cases of one's own, which `kinds` and `outages` may name. */
  readonly cases: readonly CorpusCase[];
  /** What the healthy API answers to a conversation whose last message has a mark in it, by that mark. */
  readonly answers: Answers;
  /** How it goes on with an answer that was cut; `mixed` draws one of the sound manners for each request. */
  readonly continuation: Manner | 'mixed';
}

/** A healthy API: what a scenario leaves out is taken from here. */
export const calm: Scenario = {
  seed: 1,
  rate: 0,
  kinds: [],
  times: null,
  outages: [],
  rateLimits: ampleLimits,
  latency: { firstByteMs: 0, eventMs: 0, spread: 0 },
  batches: promptBatches,
  waitScale: 1,
  waits: {},
  cases: [],
  ...noScript,
};

/** Recorded failures that pass, and strike before anything a reader would see. */
const passing = (recorded: CorpusCase) =>
  !notPlayable.has(recorded.id) &&
  ['connect', 'headers', 'first-event', 'body'].includes(recorded.phase) &&
  (recorded.expect.action === 'retry' || recorded.expect.action === 'retry-after');

const stormKinds = () => [
  ...faults.filter((fault) => fault.phase === 'pre-content').map((fault) => fault.name),
  ...corpus()
    .filter(passing)
    .map((recorded) => recorded.id),
];
const cutKinds = () => faults.filter((fault) => fault.phase === 'mid-stream').map((fault) => fault.name);
/** Two lists in one that is drawn from evenly: the shorter is gone through again until it is as long. */
const evenly = (some: readonly string[], others: readonly string[]) => {
  const count = Math.max(some.length, others.length);
  const filled = (list: readonly string[]) => Array.from({ length: count }, (_, at) => list[at % list.length] ?? '');
  return [...filled(some), ...filled(others)];
};
const everything = (fault: string, toMs: number | null, model: string | null = null): Outage[] => [
  { model, fromMs: 0, toMs, fault },
];

/** Scenarios with a name. Waits are a hundredth of life's in the storms, or nobody would sit through them. */
export const scenarios: Readonly<Record<string, () => Scenario>> = {
  calm: () => calm,
  storm: () => ({ ...calm, rate: 0.3, kinds: stormKinds(), waitScale: 0.01 }),
  cuts: () => ({ ...calm, rate: 0.3, kinds: cutKinds(), waitScale: 0.01 }),
  'storm-with-cuts': () => ({
    ...calm,
    rate: 0.3,
    kinds: evenly(stormKinds(), cutKinds()),
    waitScale: 0.01,
    continuation: 'mixed',
  }),
  outage: () => ({ ...calm, outages: everything('overloaded', 300_000) }),
  'model-down': () => ({ ...calm, outages: everything('overloaded', null, 'claude-opus-5-5') }),
  'rate-limited': () => ({
    ...calm,
    rateLimits: { requestsPerMinute: 60, inputTokensPerMinute: 30_000, outputTokensPerMinute: 8_000 },
  }),
};

/** What a decision depends on, besides chance and time. */
export interface AttemptFacts {
  /** null where the request names none. */
  readonly model: string | null;
  readonly path: string;
  /** Faults that the scenario has brought so far. */
  readonly faulted: number;
}

/**
 * Decides about one attempt; an outage goes before chance. Depends on nothing but its arguments.
 * @param random the attempt's own generator
 * @param elapsedMs since the scenario was set
 * @returns a fault's name; null: a healthy answer
 */
export function decide(scenario: Scenario, attempt: AttemptFacts, random: Random, elapsedMs: number): string | null {
  const strikes = random.next() < scenario.rate;
  const kind = scenario.kinds[Math.floor(random.next() * scenario.kinds.length)] ?? null;
  if (scenario.times !== null && attempt.faulted >= scenario.times) return null;
  const outage = scenario.outages.find(
    ({ model, path, fromMs, toMs }) =>
      (model === null || model === attempt.model) &&
      attempt.path.startsWith(path ?? '') &&
      elapsedMs >= fromMs &&
      (toMs === null || elapsedMs < toMs),
  );
  return outage?.fault ?? (strikes ? kind : null);
}

/** The waits of a scenario: the defaults by its scale, then those it sets. */
export function waitsOf({ waitScale, waits }: Scenario): Waits {
  return {
    retryAfterSeconds: defaultWaits.retryAfterSeconds * waitScale,
    stallMs: defaultWaits.stallMs * waitScale,
    pingMs: defaultWaits.pingMs * waitScale,
    trickleMs: defaultWaits.trickleMs * waitScale,
    ...waits,
  };
}
