import type { RawHeaders } from '../core/call.ts';
import { errorBodyBytesMax } from '../core/limits.ts';
import type { TransportError } from '../core/transport.ts';
import { PassReceiver } from './pass-receiver.ts';
import type { Receiver, ReceiverContext } from './receiver.ts';
import { WholeReceiver } from './whole-receiver.ts';

/** Holds an answer until it is whole, so that a cut one can be asked for again; one that turns out to be large is passed on. */
export class SmallReceiver implements Receiver {
  readonly #status: number;
  readonly #headers: RawHeaders;
  readonly #context: ReceiverContext;
  readonly tokens = null;
  #taker: Receiver;
  /** What the taker would have to be told again; null once it passes on what comes. */
  #held: Uint8Array[] | null = [];
  #bytes = 0;

  constructor(status: number, headers: RawHeaders, context: ReceiverContext) {
    this.#status = status;
    this.#headers = headers;
    this.#context = context;
    this.#taker = new WholeReceiver(status, headers, context);
  }

  data(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    if (this.#held !== null && this.#bytes > errorBodyBytesMax) this.#passOn(this.#held);
    this.#held?.push(chunk);
    this.#taker.data(chunk);
  }

  end(): void {
    this.#taker.end();
  }

  failed(error: TransportError): void {
    this.#taker.failed(error);
  }

  silent(): void {
    this.#taker.silent();
  }

  #passOn(held: readonly Uint8Array[]): void {
    this.#held = null;
    this.#taker = new PassReceiver(this.#status, this.#headers, this.#context);
    for (const chunk of held) this.#taker.data(chunk);
  }
}
