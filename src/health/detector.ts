import * as limits from './limits.ts';
import type { HealthState } from './state.ts';

const { healthy, trouble } = limits.failureShare;
/** What a failure and a success say for trouble: the logarithm of how much likelier trouble makes them. */
const failureWeight = Math.log(trouble / healthy);
const successWeight = -Math.log((1 - trouble) / (1 - healthy));

/**
 * Finds the moment at which a route falls into trouble, and that at which it is out again: a
 * cumulative sum of log-likelihood ratios over single outcomes (Page 1954; for outcomes that are
 * good or bad, Reynolds and Stoumbos 1999), once for trouble and once, turned round, for health.
 *
 * ```
 * healthy ── evidence of trouble ──▶ degraded | down
 * degraded ── failures in a row ──▶ down
 * degraded ── evidence of health ──▶ recovering ◀── a success ── down
 * recovering ── evidence of health, or a minute without a failure ──▶ healthy
 * recovering ── evidence of trouble ──▶ degraded | down
 * ```
 *
 * One call is never enough, and one caller is not while others are served.
 */
export class ChangeDetector {
  state: HealthState = 'healthy';
  /** Since when it has been in that state; null: from the beginning. */
  sinceMs: number | null = null;
  /** Evidence of trouble, 0 to `alarmScore`. */
  #trouble = 0;
  /** Evidence of health, while it is not healthy. */
  #health = 0;
  /** Failures since the last success, the call of the first one, and whether another call is among them. */
  #inRow = 0;
  #rowCall = '';
  #rowOfTwo = false;
  #lastMs = 0;
  /** What stands behind the evidence of trouble since it was 0. */
  readonly #witnesses = new Witnesses();

  /**
   * Takes one outcome.
   * @returns true when the state has changed by it
   */
  observe(atMs: number, failed: boolean, call: string, caller: string): boolean {
    if (!failed && this.#trouble === 0 && this.state === 'healthy') {
      this.#endRow();
      return false;
    }
    this.#fade(atMs);
    if (failed) this.#failed(call, caller);
    else this.#succeeded(caller);
    const next = this.#next(atMs, failed);
    if (next === this.state) return false;
    this.#enter(next, atMs);
    return true;
  }

  #fade(atMs: number): void {
    const passedMs = atMs - this.#lastMs;
    if (passedMs <= 0) return;
    this.#lastMs = atMs;
    this.#trouble *= 2 ** (-passedMs / limits.evidenceHalfLifeMs);
  }

  #failed(call: string, caller: string): void {
    if (this.#inRow++ === 0) this.#rowCall = call;
    else if (call !== this.#rowCall) this.#rowOfTwo = true;
    if (!this.#witnesses.failed(call, caller)) return;
    this.#trouble = Math.min(this.#trouble + failureWeight, limits.alarmScore);
    this.#health = Math.max(this.#health - failureWeight, 0);
  }

  #succeeded(caller: string): void {
    this.#trouble = Math.max(this.#trouble - successWeight, 0);
    this.#health += successWeight;
    this.#endRow();
    if (this.#trouble === 0) this.#witnesses.forget();
    else this.#witnesses.served(caller);
  }

  #endRow(): void {
    this.#inRow = 0;
    this.#rowOfTwo = false;
  }

  #next(atMs: number, failed: boolean): HealthState {
    switch (this.state) {
      case 'degraded':
        if (this.#failsInRow(limits.downAfterDegraded)) return 'down';
        return this.#health >= limits.recoveryScore ? 'recovering' : 'degraded';
      case 'down':
        return failed ? 'down' : 'recovering';
      case 'recovering':
        if (this.#alarmed) return this.#troubled;
        return !failed && this.#healed(atMs) ? 'healthy' : 'recovering';
      default:
        return this.#alarmed ? this.#troubled : 'healthy';
    }
  }

  /** Whether so many attempts failed since the last success; the retries of one call are no row. */
  #failsInRow(count: number): boolean {
    return this.#rowOfTwo && this.#inRow >= count;
  }

  get #alarmed(): boolean {
    // While nothing but failures comes nobody is served, whoever was before.
    if (this.#failsInRow(limits.downInRow)) return true;
    return this.#trouble >= limits.alarmScore && this.#witnesses.calls && this.#witnesses.callers;
  }

  get #troubled(): HealthState {
    return this.#failsInRow(limits.downInRow) ? 'down' : 'degraded';
  }

  #healed(atMs: number): boolean {
    if (this.#health >= limits.healthyScore) return true;
    return atMs - (this.sinceMs ?? atMs) >= limits.recoveredMs && this.#trouble < failureWeight;
  }

  #enter(next: HealthState, atMs: number): void {
    this.state = next;
    this.sinceMs = atMs;
    this.#health = 0;
    // Who has just been in trouble is believed to be so again on half of the evidence.
    if (next === 'recovering') this.#trouble = limits.alarmScore / 2;
    if (next !== 'healthy') return;
    this.#trouble = 0;
    this.#witnesses.forget();
  }
}

/** Calls and callers that speak for trouble, and the callers that were served meanwhile. */
class Witnesses {
  readonly #failuresOf = new Map<string, number>();
  readonly #failing = new Set<string>();
  readonly #served = new Set<string>();

  /** Whether there are two calls. */
  get calls(): boolean {
    return this.#failuresOf.size > 1;
  }

  /** Whether there are two callers, or none but one that is served. */
  get callers(): boolean {
    return this.#failing.size > 1 || [...this.#served].every((caller) => this.#failing.has(caller));
  }

  /** @returns false where this call has said enough */
  failed(call: string, caller: string): boolean {
    const before = this.#failuresOf.get(call) ?? 0;
    if (before >= limits.failuresPerCallMax) return false;
    if (before > 0 || this.#failuresOf.size < limits.witnessesMax) this.#failuresOf.set(call, before + 1);
    if (this.#failing.size < limits.witnessesMax) this.#failing.add(caller);
    return true;
  }

  served(caller: string): void {
    if (this.#served.size < limits.witnessesMax) this.#served.add(caller);
  }

  forget(): void {
    this.#failuresOf.clear();
    this.#failing.clear();
    this.#served.clear();
  }
}
