/** Long enough to be steady over calls of half a minute; and this long after an outage the estimate is right again. */
const windowMs = 60_000;

interface Sample {
  readonly atMs: number;
  readonly count: number;
}

/** How fast a count grows, over the last minute; so that neither an outage nor a quick start is remembered for hours. */
export class RecentRate {
  /** The first is the newest that is as old as the window, or the begin; never empty. */
  readonly #samples: Sample[];

  /** @param count at the begin */
  constructor(count: number, startedAtMs: number) {
    this.#samples = [{ atMs: startedAtMs, count }];
  }

  /** Takes note of the count. @param nowMs not before that of the last time @returns growth a second, 0 or more */
  perSecond(count: number, nowMs: number): number {
    this.#samples.push({ atMs: nowMs, count });
    while ((this.#samples[1]?.atMs ?? nowMs) <= nowMs - windowMs) this.#samples.shift();
    const [first] = this.#samples;
    return first === undefined || first.atMs >= nowMs ? 0 : (count - first.count) / ((nowMs - first.atMs) / 1000);
  }
}
