import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import type { Outlook } from '../engine/engine.ts';
import { fullJitterMs } from '../policies/backoff.ts';
import { inFlightMax, pauseMs } from './limits.ts';

/**
 * How many calls of the drain may be in flight on one lane of the engine. One at first; twice as many
 * after each round without a failure, half as many after one. While the lane is shut a single call
 * waits at its door, to carry the probe if no live call does; the number grows only when it is open.
 */
export class Channel {
  readonly #clock: Clock;
  readonly #random: Random;
  #window = 1;
  #succeeded = 0;
  #failures = 0;
  #pausedUntilMs = 0;
  running = 0;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Whether one more may go, as far as the lane is concerned. */
  hasRoom({ isShut, inFlightMax: limit }: Outlook): boolean {
    if (this.pauseMs > 0) return false;
    const share = Math.max(1, Math.min(inFlightMax, Math.floor(limit / 2)));
    return this.running < (isShut ? 1 : Math.min(this.#window, share));
  }

  /** Until the pause after a failure is over, in milliseconds. */
  get pauseMs(): number {
    return Math.max(0, this.#pausedUntilMs - this.#clock.now());
  }

  succeeded({ isShut }: Outlook): void {
    this.#failures = 0;
    if (isShut || ++this.#succeeded < this.#window) return;
    this.#succeeded = 0;
    this.#window = Math.min(this.#window * 2, inFlightMax);
  }

  failed(): void {
    this.#succeeded = 0;
    this.#window = Math.max(1, this.#window >> 1);
    const delayMs = fullJitterMs(this.#failures++, pauseMs.first, pauseMs.largest, this.#random);
    this.#pausedUntilMs = this.#clock.now() + delayMs;
  }
}
