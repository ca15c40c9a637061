import { firstBytesKept, firstBytesMin, longMs, shortMs, slowExtraMs, slowFactor } from './limits.ts';

interface Sample {
  readonly atMs: number;
  readonly delayMs: number;
}

/** How long a route's first bytes take now, beside how long they usually take. */
export class FirstBytes {
  readonly #samples: Sample[] = [];
  #next = 0;
  #usualMs: number | null = null;

  /** @param isUsual false: it says nothing of what is usual, because the route is slow at the moment */
  add(atMs: number, delayMs: number, isUsual: boolean): void {
    // What is pushed out of the newest becomes the usual, which moves slowly.
    const leaving = this.#samples[this.#next];
    if (leaving !== undefined && isUsual) {
      this.#usualMs = this.#usualMs === null ? leaving.delayMs : this.#usualMs * 0.98 + leaving.delayMs * 0.02;
    }
    this.#samples[this.#next] = { atMs, delayMs };
    this.#next = (this.#next + 1) % firstBytesKept;
  }

  /** Median of the last minute, in milliseconds; null where nothing answered in it. */
  recentMs(atMs: number): number | null {
    const recent = this.#samples.filter((sample) => sample.atMs > atMs - shortMs && sample.atMs <= atMs);
    return median(recent);
  }

  /** What is usual, in milliseconds; null while too few have been seen. */
  usualMs(atMs: number): number | null {
    if (this.#usualMs !== null) return this.#usualMs;
    const earlier = this.#samples.filter((sample) => sample.atMs <= atMs - shortMs);
    return earlier.length < firstBytesMin ? null : median(earlier);
  }

  /** From now on it is slow: what has been usual until now stays so. */
  keepUsual(atMs: number): void {
    this.#usualMs ??= this.usualMs(atMs);
  }

  /** Whether first bytes take far longer than usual; half as much is enough where they have until now. */
  isSlow(atMs: number, wasSlow: boolean): boolean {
    const recent = this.#newest(atMs);
    const usualMs = this.usualMs(atMs);
    if (recent.length < firstBytesMin || usualMs === null) return false;
    const recentMs = median(recent) ?? 0;
    const much = wasSlow ? 0.5 : 1;
    return recentMs > usualMs * slowFactor * much && recentMs > usualMs + slowExtraMs * much;
  }

  /** Those of the last minute; where they are too few, as many of the last ten as a median needs. */
  #newest(atMs: number): Sample[] {
    const lately = this.#samples.filter((sample) => sample.atMs > atMs - longMs && sample.atMs <= atMs);
    const newest = lately.sort((a, b) => b.atMs - a.atMs);
    return newest.filter((sample, index) => index < firstBytesMin || sample.atMs > atMs - shortMs);
  }
}

function median(samples: readonly Sample[]): number | null {
  const sorted = samples.map(({ delayMs }) => delayMs).sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}
