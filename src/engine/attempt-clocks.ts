import type { Body, Call } from '../core/call.ts';
import type { Clock } from '../core/clock.ts';
import { callMsMax, type Limits } from '../core/limits.ts';
import { firstByteMs } from '../policies/clocks.ts';

/** A probe's stream that has begun and met no error for this long is a good one (R6). */
const probeVerdictMs = 10_000;

/** The clocks of one attempt (R3): what has been seen when, and so when the next of them is due. */
export class AttemptClocks {
  readonly #clock: Clock;
  readonly #timeouts: Limits['timeouts'];
  readonly #call: Call;
  readonly #streams: boolean;
  readonly #bodyBytes: number;
  readonly #uploads: boolean;
  readonly beganMs: number;
  /** A connection stands and the request is being written. */
  sent = false;
  /** From the beginning to the head; null before it. */
  firstByteMs: number | null = null;
  paused = false;
  #lastByteMs: number;
  #lastProgressMs: number;
  #startedMs: number | null = null;

  /** @param streams the upstream is asked for a stream */
  constructor(clock: Clock, timeouts: Limits['timeouts'], call: Call, body: Body, streams: boolean) {
    this.#clock = clock;
    this.#timeouts = timeouts;
    this.#call = call;
    this.#streams = streams;
    this.#bodyBytes = body instanceof Uint8Array ? body.length : 0;
    this.#uploads = body !== null && !call.endpoint.buffered;
    this.beganMs = clock.now();
    this.#lastByteMs = this.beganMs;
    this.#lastProgressMs = this.beganMs;
  }

  /** The head has come. */
  head(): void {
    this.resumed();
    this.firstByteMs = this.#lastByteMs - this.beganMs;
  }

  byte(): void {
    this.#lastByteMs = this.#clock.now();
  }

  /** Something other than a ping has come. */
  progress(): void {
    this.#lastProgressMs = this.#lastByteMs;
  }

  /** `message_start` has come. @returns true the first time */
  started(): boolean {
    if (this.#startedMs !== null) return false;
    this.#startedMs = this.#lastByteMs;
    return true;
  }

  /** Silence that we asked for is not the upstream's. */
  resumed(): void {
    this.paused = false;
    this.#lastByteMs = this.#lastProgressMs = this.#clock.now();
  }

  /** A probe may be judged by having lived this long. */
  get isProven(): boolean {
    return this.#startedMs !== null && this.#clock.now() >= this.#startedMs + probeVerdictMs;
  }

  /** Nothing more is waited for. While the reader is behind, silence is its own; only the bound of the whole call holds. */
  get isOverdue(): boolean {
    const now = this.#clock.now();
    return now >= this.#call.receivedAtMs + callMsMax || (!this.paused && now >= this.#dueMs());
  }

  /**
   * When to look again, an instant. Never later than the upstream may be silent:
   * so the timer of an attempt that is answered at once need not be moved when the head comes.
   * @param judged false while a verdict on the route is still wanted
   */
  nextLookAtMs(judged: boolean): number {
    const proofMs = this.#startedMs === null || judged ? Number.POSITIVE_INFINITY : this.#startedMs + probeVerdictMs;
    const silentAtMs = this.#clock.now() + this.#timeouts.idle * 1000;
    return Math.min(this.#dueMs(), silentAtMs, this.#call.receivedAtMs + callMsMax, proofMs);
  }

  /** The next instant at which a clock may be due. */
  #dueMs(): number {
    const { connect, idle, progress } = this.#timeouts;
    if (!this.sent) return this.beganMs + connect * 1000;
    if (this.firstByteMs === null) return this.#firstByteDueMs();
    if (this.paused) return this.#clock.now() + idle * 1000;
    const idleDueMs = this.#lastByteMs + idle * 1000;
    return this.#streams ? Math.min(idleDueMs, this.#lastProgressMs + progress * 1000) : idleDueMs;
  }

  #firstByteDueMs(): number {
    // An upload takes its time; nothing says how far it has come.
    if (this.#uploads) return this.beganMs + callMsMax;
    if (this.#streams) return this.beganMs + firstByteMs(this.#bodyBytes, this.#timeouts);
    return Math.max(this.#call.patience.deadlineAtMs, this.beganMs + 1);
  }
}
