import type { RawHeaders } from '../core/call.ts';
import type { TransportError } from '../core/transport.ts';
import { classifyStream } from '../wire/classify-stream.ts';
import { brokenConnection, type Receiver, type ReceiverContext } from './receiver.ts';

/** Passes an answer on as it comes: files, batch results, and whatever else is not ours to judge. */
export class PassReceiver implements Receiver {
  readonly #headers: RawHeaders;
  readonly #context: ReceiverContext;
  readonly tokens = null;

  constructor(status: number, headers: RawHeaders, context: ReceiverContext) {
    this.#headers = headers;
    this.#context = context;
    context.verdict.good();
    context.delivery.head(status, headers);
  }

  data(chunk: Uint8Array): void {
    this.#context.delivery.write(chunk);
    if (this.#context.delivery.blocked) this.#context.verdict.pause();
  }

  end(): void {
    this.#context.delivery.end();
    this.#context.verdict.whole();
  }

  failed(error: TransportError): void {
    this.#context.delivery.released = true;
    this.#context.verdict.broke(brokenConnection(error, this.#headers, this.#context));
  }

  silent(): void {
    this.#context.delivery.released = true;
    this.#context.verdict.broke(classifyStream('stalled', this.#headers));
  }
}
