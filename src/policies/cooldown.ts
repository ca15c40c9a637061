import type { Clock } from '../core/clock.ts';
import type { Failure } from '../core/outcome.ts';
import { withoutHeaders } from '../wire/headers.ts';
import { waitHeaders } from '../wire/retry-after.ts';

/** The API's rate limits pass within a minute; a longer one may be a mistake, and one call a minute tries it. */
const trialIntervalMs = 60_000;

/** The time that a rate limit keeps its route shut (R6): until `retry-after`, or the first success after it. */
export class Cooldown {
  readonly #clock: Clock;
  #untilMs = 0;
  #trialAtMs = 0;
  #cause: { readonly failure: Failure; readonly atMs: number } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What is left of it in milliseconds; 0 where there is none. */
  get remainingMs(): number {
    return Math.max(0, this.#untilMs - this.#clock.now());
  }

  /** When the next call may go out: its end, or an earlier trial; in the past where there is none. */
  get admitsAtMs(): number {
    return Math.min(this.#untilMs, this.#trialAtMs);
  }

  /** The rate limit with what is left of its wait, for callers whom it outlasts; null where there is none. */
  get failure(): Failure | null {
    const waitMs = this.remainingMs;
    if (this.#cause === null || waitMs === 0) return null;
    const { failure } = this.#cause;
    const headers = [...withoutHeaders(failure.headers, waitHeaders), 'retry-after', String(Math.ceil(waitMs / 1000))];
    return { ...failure, waitMs, headers };
  }

  /** A rate limit asks for so long a pause; of several the longest holds. */
  limited(failure: Failure, waitMs: number): void {
    const now = this.#clock.now();
    this.#trialAtMs = now + trialIntervalMs;
    if (now + waitMs < this.#untilMs) return;
    this.#untilMs = now + waitMs;
    this.#cause = { failure, atMs: now };
  }

  /** A call goes out; while the cooldown lasts it is a trial, and the next is an interval away. */
  admitted(): void {
    if (this.remainingMs > 0) this.#trialAtMs = this.#clock.now() + trialIntervalMs;
  }

  /** @param durationMs since the attempt began: one that is older than the rate limit says nothing about it */
  succeeded(durationMs: number): void {
    if (this.#cause === null || this.#clock.now() - durationMs <= this.#cause.atMs) return;
    this.#untilMs = 0;
    this.#cause = null;
  }
}
