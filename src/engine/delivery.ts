import type { Call, RawHeaders, Reply } from '../core/call.ts';
import type { Clock, Timer } from '../core/clock.ts';
import { errorEvent, pingEvent } from '../wire/envelope.ts';
import { headerOf } from '../wire/headers.ts';
import { guarded } from './guarded.ts';

/** The head that goes out before any upstream has answered: the stream is open, the rest follows. */
const earlyHead: RawHeaders = ['content-type', 'text/event-stream; charset=utf-8', 'cache-control', 'no-cache'];

/**
 * The caller's side of a call, over all its attempts: holds the head back, sends it once, keeps the
 * caller awake with pings, and knows whether a final failure can still be an HTTP status (R2).
 */
export class Delivery {
  readonly #clock: Clock;
  readonly #call: Call;
  readonly #reply: Reply;
  readonly #ownHeaders: () => RawHeaders;
  readonly #onError: (error: unknown) => void;
  #timer: Timer | null = null;
  #lastWriteMs = 0;
  /** Nothing is told any more: the reader has an end, or has left. */
  #over = false;

  /** The status that went out; null while the head is held. */
  status: number | null = null;
  #headers: RawHeaders = [];
  /** Bytes of an answer have gone out: the call can no longer be attempted anew. */
  released = false;
  /** Writes of answers so far, our pings not among them. */
  writes = 0;
  /** The reader is behind: nothing more is to be read from the upstream. */
  blocked = false;

  /**
   * @param ownHeaders the `ridethrough-*` response headers as of now
   * @param onError told of an error of our own in a timer
   */
  constructor(clock: Clock, call: Call, reply: Reply, ownHeaders: () => RawHeaders, onError: (error: unknown) => void) {
    this.#clock = clock;
    this.#call = call;
    this.#reply = reply;
    this.#ownHeaders = ownHeaders;
    this.#onError = onError;
    if (call.facts?.stream) this.#later(call.patience.holdMs, () => this.#endHold());
  }

  /** The upstream's `request-id` as it went out; null when none did. */
  get requestId(): string | null {
    return headerOf(this.#headers, 'request-id');
  }

  /** Sends the head, unless an early one has gone out already. */
  head(status: number, headers: RawHeaders): void {
    if (this.status !== null || this.#over) return;
    this.status = status;
    this.#headers = headers;
    this.#reply.head(status, headers.concat(this.#ownHeaders()));
    if (!this.#call.facts?.stream) return;
    this.#lastWriteMs = this.#clock.now();
    if (status === 200) this.#armPing();
  }

  /** Sends bytes of the answer; sets `blocked` when the reader is behind. */
  write(chunk: Uint8Array): void {
    if (this.#over) return;
    this.released = true;
    this.writes++;
    this.#send(chunk);
  }

  end(): void {
    if (this.#over) return;
    this.stop();
    this.#reply.end();
  }

  /** A final failure: as an HTTP answer where the head is still held, else as an error event and an end. */
  fail(status: number, headers: RawHeaders, body: Uint8Array): void {
    if (this.#over) return;
    const begun = this.status !== null;
    this.head(status, headers);
    this.stop();
    if (begun && !this.#call.facts?.stream) {
      // Half an answer in one piece has no place for an error: the reader must see the break.
      this.#reply.destroy(new Error('the upstream broke off in the middle of the answer'));
      return;
    }
    this.#reply.write(begun ? errorEvent(body) : body);
    this.#reply.end();
  }

  /** Breaks the answer off: the reader must not take it for whole. */
  destroy(): void {
    this.stop();
    this.#reply.destroy(new Error('the answer could not be told to its end'));
  }

  /** The caller left; nothing is sent any more. */
  stop(): void {
    this.#over = true;
    this.#stopTimer();
  }

  #later(delayMs: number, callback: () => void): void {
    const run = guarded(() => {
      this.#timer = null;
      callback();
    }, this.#onError);
    this.#timer = this.#clock.after(delayMs, run);
  }

  #endHold(): void {
    if (this.status === null) this.head(200, earlyHead);
  }

  #send(chunk: Uint8Array): void {
    if (this.#call.facts?.stream) this.#lastWriteMs = this.#clock.now();
    if (!this.#reply.write(chunk)) this.blocked = true;
  }

  /** One timer that looks when it fires, instead of one that is moved with every byte. */
  #armPing(): void {
    this.#stopTimer();
    const dueMs = this.#lastWriteMs + this.#call.patience.pingMs - this.#clock.now();
    this.#later(dueMs, () => {
      const silentMs = this.#clock.now() - this.#lastWriteMs;
      if (silentMs >= this.#call.patience.pingMs && !this.blocked) this.#send(pingEvent);
      else if (this.blocked) this.#lastWriteMs = this.#clock.now();
      this.#armPing();
    });
  }

  #stopTimer(): void {
    if (this.#timer !== null) this.#clock.cancel(this.#timer);
    this.#timer = null;
  }
}
