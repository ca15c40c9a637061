import type { Call, RawHeaders, Reply } from '../core/call.ts';
import type { Clock } from '../core/clock.ts';
import { Delivery } from '../engine/delivery.ts';

/**
 * The reply to a stream whose answer another gateway is still getting: as with any other (R2) the head
 * goes out when its hold ends, and pings keep the caller awake. What is told at last goes behind that
 * head, a failure as an error event.
 */
export class PatientReply implements Reply {
  readonly #reply: Reply;
  readonly #delivery: Delivery;
  #head: { readonly status: number; readonly headers: RawHeaders } | null = null;
  /** Of a failure, until it is whole. */
  readonly #body: Uint8Array[] = [];

  constructor(clock: Clock, call: Call, reply: Reply) {
    this.#reply = reply;
    // Who tells the answer tells its own headers.
    const ownHeaders = () => (this.#head === null ? ['ridethrough-id', call.id] : []);
    this.#delivery = new Delivery(clock, call, reply, ownHeaders, () => this.#delivery.destroy());
  }

  head(status: number, headers: RawHeaders): void {
    this.#head = { status, headers };
    if (status < 400) this.#delivery.head(status, headers);
  }

  write(chunk: Uint8Array): boolean {
    if (this.#fails) {
      this.#body.push(Uint8Array.from(chunk));
      return true;
    }
    this.#delivery.blocked = false;
    this.#delivery.write(chunk);
    return !this.#delivery.blocked;
  }

  end(): void {
    if (this.#head !== null && this.#fails) {
      this.#delivery.fail(this.#head.status, this.#head.headers, Buffer.concat(this.#body));
    } else this.#delivery.end();
  }

  destroy(error: Error): void {
    this.stop();
    this.#reply.destroy(error);
  }

  /** The caller left; nothing is sent any more. */
  stop(): void {
    this.#delivery.stop();
  }

  get #fails(): boolean {
    return this.#head !== null && this.#head.status >= 400;
  }
}
