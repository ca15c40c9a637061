import type { Clock } from '../core/clock.ts';
import { calmSlices, drainPerSecondMin, paceSeconds, rateFactor, sliceMs, sliceWeight } from './limits.ts';

/**
 * How fast the drain may go on one route. Live attempts and the drain's own take from one bucket,
 * which fills at a little more than the steady rate of live successes: what live traffic leaves is the
 * drain's. The rate is learned in slices, and only from calm ones, so an outage does not make us
 * forget what was normal before it.
 */
export class Pace {
  readonly #clock: Clock;
  /** Live successes a second in normal times; 0 while nothing is known. */
  steadyPerSecond = 0;
  #learned = 0;
  #slice: { readonly fromMs: number; successes: number; failures: number };
  /** Slices to go until the rate is learned again. */
  #unrest = 0;
  /** The first call need not wait: it is one. */
  #tokens = 1;
  #filledAtMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#filledAtMs = clock.now();
    this.#slice = { fromMs: clock.now(), successes: 0, failures: 0 };
  }

  /** A live attempt has ended. */
  live(succeeded: boolean): void {
    this.#advance();
    if (succeeded) this.#slice.successes++;
    else this.#slice.failures++;
    this.#fill();
    this.#tokens = Math.max(this.#tokens - 1, -paceSeconds.owed * this.#perSecond);
  }

  /** Whether one call of the drain may go now. */
  take(): boolean {
    if (this.waitMs > 0) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Until the next call of the drain may go, in milliseconds. */
  get waitMs(): number {
    this.#advance();
    this.#fill();
    // A remainder of floating point must not become a wait of no time.
    return this.#tokens >= 1 - 1e-9 ? 0 : Math.ceil(((1 - this.#tokens) * 1000) / this.#perSecond);
  }

  get #perSecond(): number {
    return Math.max(rateFactor * this.steadyPerSecond, this.steadyPerSecond + drainPerSecondMin);
  }

  #fill(): void {
    const now = this.#clock.now();
    const filled = this.#tokens + ((now - this.#filledAtMs) * this.#perSecond) / 1000;
    this.#tokens = Math.min(filled, Math.max(1, paceSeconds.inHand * this.#perSecond));
    this.#filledAtMs = now;
  }

  #advance(): void {
    const now = this.#clock.now();
    while (now - this.#slice.fromMs >= sliceMs) {
      this.#learn(this.#slice.successes, this.#slice.failures);
      this.#slice = { fromMs: this.#slice.fromMs + sliceMs, successes: 0, failures: 0 };
    }
  }

  #learn(successes: number, failures: number): void {
    if (failures > successes) this.#unrest = calmSlices;
    // Nothing at all is the quiet of a night, unless nothing has succeeded since the trouble.
    else if (this.#unrest > 0 && successes > 0) this.#unrest--;
    else if (this.#unrest === 0) {
      const rate = (successes * 1000) / sliceMs;
      const weight = Math.max(1 / ++this.#learned, sliceWeight);
      this.steadyPerSecond += weight * (rate - this.steadyPerSecond);
    }
  }
}
