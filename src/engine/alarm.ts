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

  /** Rings at that instant, or earlier. */
  by(atMs: number): void {
    if (this.#timer === null || atMs < this.#atMs) this.at(atMs);
  }

  /** Rings at that instant. */
  at(atMs: number): void {
    if (this.#timer !== null && atMs === this.#atMs) return;
    this.cancel();
    this.#atMs = atMs;
    this.#timer = this.#clock.after(atMs - this.#clock.now(), this.#ring);
  }

  cancel(): void {
    if (this.#timer !== null) this.#clock.cancel(this.#timer);
    this.#timer = null;
  }
}
