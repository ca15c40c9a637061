import type { RawHeaders } from '../core/call.ts';
import type { Tokens } from '../core/events.ts';
import type { TransportError } from '../core/transport.ts';
import { asEventStream, isEventStream } from '../wire/headers.ts';
import { textOf } from '../wire/json.ts';
import { CollectReceiver } from './collect-receiver.ts';
import { ErrorReceiver } from './error-receiver.ts';
import type { Receiver, ReceiverContext } from './receiver.ts';
import { StreamReceiver } from './stream-receiver.ts';
import { WholeReceiver } from './whole-receiver.ts';

/** Enough to tell `event:` from `error`; shorter bodies are told at their end. */
const tellingChars = 6;
/** Relays keep a connection alive by white space before the answer: after so much of it the label counts. */
const openingBytesMax = 4096;

const eventField = /^(?:event|data|id|retry)?:/;

/**
 * Tells by its first bytes how an answer comes, whatever it is labelled: relays were seen to send
 * events as text and one JSON object as events. Where the bytes tell nothing, the label counts.
 */
export class FirstBytesReceiver implements Receiver {
  readonly #status: number;
  readonly #headers: RawHeaders;
  readonly #context: ReceiverContext;
  #opening: Uint8Array[] = [];
  #openingBytes = 0;
  /** Who takes the answer; null while that cannot be told. */
  taker: Receiver | null = null;

  constructor(status: number, headers: RawHeaders, context: ReceiverContext) {
    this.#status = status;
    this.#headers = headers;
    this.#context = context;
  }

  get tokens(): Tokens | null {
    return this.taker?.tokens ?? null;
  }

  data(chunk: Uint8Array): void {
    if (this.taker !== null) return this.taker.data(chunk);
    this.#opening.push(chunk);
    this.#openingBytes += chunk.length;
    const isTelling = this.#text().length >= tellingChars || this.#openingBytes >= openingBytesMax;
    if (isTelling) this.#choose();
  }

  end(): void {
    this.#choose().end();
  }

  failed(error: TransportError): void {
    this.#choose().failed(error);
  }

  silent(): void {
    this.#choose().silent();
  }

  /** The first characters that tell something. */
  #text(): string {
    const [first] = this.#opening;
    const opening = this.#opening.length === 1 && first !== undefined ? first : Buffer.concat(this.#opening);
    const end = Math.min(opening.length, openingBytesMax);
    let start = 0;
    while (start < end && (opening[start] as number) <= 0x20) start++;
    return textOf(opening.subarray(start, Math.min(end, start + 2 * tellingChars))).trimStart();
  }

  #choose(): Receiver {
    if (this.taker !== null) return this.taker;
    this.taker = this.#takerOf(this.#text());
    const opening = this.#opening;
    // A stream goes on for minutes: nothing of it is kept.
    this.#opening = [];
    for (const chunk of opening) this.taker.data(chunk);
    return this.taker;
  }

  #takerOf(text: string): Receiver {
    const { call, streams } = this.#context;
    if (text.startsWith('{')) return new WholeReceiver(this.#status, this.#headers, this.#context);
    const isLabelled = isEventStream(this.#headers);
    if (call.endpoint.name === 'messages' && (isLabelled || eventField.test(text))) {
      const headers = isLabelled ? this.#headers : asEventStream(this.#headers);
      return new (call.facts?.stream ? StreamReceiver : CollectReceiver)(headers, this.#context);
    }
    // A 200 that is neither events nor JSON is an error in disguise, or somebody else's page.
    return new (streams && text !== '' ? ErrorReceiver : WholeReceiver)(this.#status, this.#headers, this.#context);
  }
}
