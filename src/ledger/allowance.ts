import { healthyRows } from './limits.ts';

/**
 * How many rows of healthy calls may still be written: a bucket that fills with time. Beyond it they would
 * take processor time from a gateway at its limit, and push the failures, which are what a ledger is for,
 * out of its file within minutes.
 */
export class Allowance {
  #rows: number = healthyRows.burst;
  #atMs = Number.NEGATIVE_INFINITY;

  /** Takes one row's worth. @returns false when none is left at this instant */
  take(nowMs: number): boolean {
    const sinceMs = nowMs - this.#atMs;
    // A clock that was set back fills nothing, and is believed from there on.
    if (sinceMs > 0) this.#rows = Math.min(healthyRows.burst, this.#rows + (sinceMs * healthyRows.perSecond) / 1000);
    this.#atMs = nowMs;
    if (this.#rows < 1) return false;
    this.#rows--;
    return true;
  }
}
