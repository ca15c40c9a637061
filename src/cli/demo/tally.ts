/** How one call of the demo ended, seen from the program that made it. */
export interface CallEnd {
  /** `whole`: the right answer. `hung`: no end within the patience. Else what it failed with, in a few words. */
  readonly outcome: string;
  readonly totalMs: number;
}

/** What reached the API of one lane. */
export interface ApiCounts {
  /** Requests that reached it. */
  readonly attempts: number;
  /** Those of them that met a fault. */
  readonly faulted: number;
  /** Those of the faults that struck in the middle of an answer. */
  readonly midStream: number;
}

/** The figures of one lane of the demo. */
export interface Tally extends ApiCounts {
  readonly lane: string;
  readonly calls: number;
  readonly whole: number;
  readonly hung: number;
  /** Failures by what they failed with, the most frequent first. */
  readonly failed: ReadonlyArray<readonly [outcome: string, count: number]>;
  /** Calls by what the gateway did for them, some by more than one thing; empty on the direct lane. */
  readonly recovered: ReadonlyArray<readonly [how: string, count: number]>;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly slowestMs: number;
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
export function tally(lane: string, ends: readonly CallEnd[], api: ApiCounts, recovered: Tally['recovered']): Tally {
  const sorted = ends.map((end) => end.totalMs).sort((a, b) => a - b);
  const outcomes = ends.map((end) => end.outcome);
  return {
    lane,
    calls: ends.length,
    whole: outcomes.filter((outcome) => outcome === 'whole').length,
    hung: outcomes.filter((outcome) => outcome === 'hung').length,
    failed: counted(outcomes.filter((outcome) => outcome !== 'whole' && outcome !== 'hung')),
    recovered,
    p50Ms: Math.round(quantile(sorted, 0.5)),
    p99Ms: Math.round(quantile(sorted, 0.99)),
    slowestMs: Math.round(quantile(sorted, 1)),
    ...api,
  };
}
