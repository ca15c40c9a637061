import type { Clock } from '../core/clock.ts';

/** An overload takes the limit to this share of what was in flight. */
const cutFactor = 0.7;
/** One cut answers all the overloads of one bad moment. */
const cutIntervalMs = 5_000;
/** So soon after a cut the ceiling is near: the limit feels its way up by this much a success. */
const carefulMs = 10_000;
const carefulStep = 0.1;
/** The limit never falls below this: it paces, the breaker stops. */
const limitMin = 4;
/** Where the climb begins after an outage or a rate limit has passed. */
export const rampLimit = 8;

/**
 * How many attempts may be in flight on a route. Without a limit until the upstream says that it
 * has too much; then cut at once, felt out carefully for a while, and raised by one for each success
 * (doubling each round trip) once the overload is past, because a slow climb leaves a waiting crowd
 * behind for ever. A permit is held until the stream ends.
 */
export class ConcurrencyLimit {
  readonly #clock: Clock;
  #limit = Number.POSITIVE_INFINITY;
  #inFlight = 0;
  #lastCutMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get limit(): number {
    return this.#limit;
  }

  hasRoom(): boolean {
    return this.#inFlight < this.#limit;
  }

  /** To be called only after `hasRoom`, or for a probe, which goes out in any case. */
  acquire(): void {
    this.#inFlight++;
  }

  release(): void {
    this.#inFlight--;
  }

  /** The upstream said that it has too much. */
  overloaded(): void {
    const now = this.#clock.now();
    if (now - this.#lastCutMs < cutIntervalMs) return;
    this.#lastCutMs = now;
    this.#limit = Math.max(limitMin, Math.floor(Math.min(this.#limit, this.#inFlight) * cutFactor));
  }

  succeeded(): void {
    // Only a limit that is in use has been tried.
    if (this.#inFlight * 2 < this.#limit) return;
    this.#limit += this.#clock.now() - this.#lastCutMs < carefulMs ? carefulStep : 1;
  }

  /** The route has just come back: those who waited follow in growing groups, not all at once. */
  ramp(): void {
    this.#limit = rampLimit;
    this.#lastCutMs = Number.NEGATIVE_INFINITY;
  }

  /** Nobody waits any more: the limit has done its work. */
  lift(): void {
    if (this.#clock.now() - this.#lastCutMs >= carefulMs) this.#limit = Number.POSITIVE_INFINITY;
  }
}
