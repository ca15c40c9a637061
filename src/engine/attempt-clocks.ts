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
  /** When the last of a body that is sent as it is read was taken; null where there is none. */
  #lastUploadMs: number | null;
  #uploading: boolean;
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
    this.beganMs = clock.now();
    this.#uploading = body !== null && !(body instanceof Uint8Array);
    this.#lastUploadMs = this.#uploading ? this.beganMs : null;
    this.#lastByteMs = this.beganMs;
    this.#lastProgressMs = this.beganMs;
  }

  /** The body as it is to be sent: one that is read as it is sent tells how far it has come. */
  watched(body: Body): Body {
    if (body === null || body instanceof Uint8Array) return body;
    return { chunks: this.#told(body.chunks), lengthBytes: body.lengthBytes };
  }

  async *#told(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      yield chunk;
      this.#lastUploadMs = this.#clock.now();
    }
    this.#uploading = false;
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
    const now = this.#clock.now();
    const silentAtMs = now + this.#timeouts.idle * 1000;
    // An upload that ends before its deadline is due then.
    const deadlineMs = this.#uploading ? this.#deadlineMs() : Number.POSITIVE_INFINITY;
    const uploadedAtMs = deadlineMs > now ? deadlineMs : Number.POSITIVE_INFINITY;
    return Math.min(this.#dueMs(), silentAtMs, uploadedAtMs, this.#call.receivedAtMs + callMsMax, proofMs);
  }

  /** The next instant at which a clock may be due. */
  #dueMs(): number {
    const { connect, idle, progress } = this.#timeouts;
    if (!this.sent) return Math.min(this.beganMs + connect * 1000, this.#deadlineMs());
    if (this.firstByteMs === null) return this.#firstByteDueMs();
    if (this.paused) return this.#clock.now() + idle * 1000;
    const idleDueMs = this.#lastByteMs + idle * 1000;
    return this.#streams ? Math.min(idleDueMs, this.#lastProgressMs + progress * 1000) : idleDueMs;
  }

  #firstByteDueMs(): number {
    if (this.#streams) return this.beganMs + firstByteMs(this.#bodyBytes, this.#timeouts);
    const deadlineMs = this.#deadlineMs();
    const uploadedMs = this.#lastUploadMs;
    // An upload that goes on, or went on beyond the deadline, is silent no sooner than an answer would be.
    if (uploadedMs === null || (!this.#uploading && uploadedMs <= deadlineMs)) return deadlineMs;
    return Math.max(deadlineMs, uploadedMs + this.#timeouts.idle * 1000);
  }

  /** An answer in one piece is waited for until its caller's deadline; one that is streamed has clocks of its own. */
  #deadlineMs(): number {
    if (this.#streams) return Number.POSITIVE_INFINITY;
    return Math.max(this.#call.patience.deadlineAtMs, this.beganMs + 1);
  }
}
