/** How one call of the demo ended, seen from the program that made it. */
export interface CallEnd {
  /** `whole`: the right answer. `hung`: no end within the patience. Else what it failed with, in a few words. */
  readonly outcome: string;
  readonly totalMs: number;
  /** What the gateway did for it, from `ridethrough-recovered`; null on the direct lane. */
  readonly recovered: string | null;
}

/** The figures of one lane of the demo. */
export interface Tally {
  readonly lane: string;
  readonly calls: number;
  readonly whole: number;
  readonly hung: number;
  /** Failures by what they failed with, the most frequent first. */
  readonly failed: ReadonlyArray<readonly [outcome: string, count: number]>;
  /** Calls by what the gateway did for them; empty on the direct lane. */
  readonly recovered: ReadonlyArray<readonly [how: string, count: number]>;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly slowestMs: number;
  /** Requests that reached the API. */
  readonly attempts: number;
  /** Those of them that met a fault. */
  readonly faulted: number;
}

function counted(words: readonly string[]): Array<readonly [string, number]> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

/** The smallest of `sorted` that at least `share` (0..1) of them do not exceed; 0 for none. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

/** Sums up a lane. Latencies are those of all calls: a failure has kept its caller waiting, too. */
export function tally(lane: string, ends: readonly CallEnd[], attempts: number, faulted: number): Tally {
  const sorted = ends.map((end) => end.totalMs).sort((a, b) => a - b);
  const outcomes = ends.map((end) => end.outcome);
  return {
    lane,
    calls: ends.length,
    whole: outcomes.filter((outcome) => outcome === 'whole').length,
    hung: outcomes.filter((outcome) => outcome === 'hung').length,
    failed: counted(outcomes.filter((outcome) => outcome !== 'whole' && outcome !== 'hung')),
    recovered: counted(
      ends.flatMap((end) => (end.recovered === null || end.recovered === 'no' ? [] : [end.recovered])),
    ),
    p50Ms: Math.round(quantile(sorted, 0.5)),
    p99Ms: Math.round(quantile(sorted, 0.99)),
    slowestMs: Math.round(quantile(sorted, 1)),
    attempts,
    faulted,
  };
}
