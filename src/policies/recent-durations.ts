/** The median of so many answers tells who can still be served in time. */
const durationsKept = 32;

/** How long the newest answers of a route took to their verdict. */
export class RecentDurations {
  readonly #durationsMs: number[] = [];
  #next = 0;

  add(durationMs: number): void {
    this.#durationsMs[this.#next++ % durationsKept] = durationMs;
  }

  /** Median in milliseconds; 0 before there has been one. */
  medianMs(): number {
    const sorted = this.#durationsMs.toSorted((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? 0;
  }
}
