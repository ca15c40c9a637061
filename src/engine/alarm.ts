import type { Clock, Timer } from '../core/clock.ts';

/**
 * One timer for many clocks. Whoever is woken too early finds nothing due and sets it anew: so it is
 * moved only when it would ring too late, which on the way of most calls it never would.
 */
export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #timer: Timer | null = null;
  #atMs = 0;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = () => {
      this.#timer = null;
      ring();
    };
  }

  /** Rings in so many milliseconds, or earlier. */
  within(delayMs: number): void {
    if (this.#timer === null || this.#clock.now() + delayMs < this.#atMs) this.in(delayMs);
  }

  /** Rings in so many milliseconds. */
  in(delayMs: number): void {
    this.cancel();
    this.#atMs = this.#clock.now() + delayMs;
    this.#timer = this.#clock.after(delayMs, this.#ring);
  }

  cancel(): void {
    if (this.#timer !== null) this.#clock.cancel(this.#timer);
    this.#timer = null;
  }
}
