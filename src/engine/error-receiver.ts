import type { RawHeaders } from '../core/call.ts';
import { errorBodyBytesMax } from '../core/limits.ts';
import { type Receiver, type ReceiverContext, responseFailure } from './receiver.ts';

/** Reads the body of an answer that is an error by its status or its kind, then classifies it. */
export class ErrorReceiver implements Receiver {
  readonly #status: number;
  readonly #headers: RawHeaders;
  readonly #context: ReceiverContext;
  readonly #chunks: Uint8Array[] = [];
  readonly tokens = null;
  #bytes = 0;
  #done = false;

  constructor(status: number, headers: RawHeaders, context: ReceiverContext) {
    this.#status = status;
    this.#headers = headers;
    this.#context = context;
  }

  data(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > errorBodyBytesMax) this.end();
  }

  end(): void {
    if (this.#done) return;
    this.#done = true;
    const body = Buffer.concat(this.#chunks);
    this.#context.verdict.broke(responseFailure(this.#status, this.#headers, body, this.#context));
  }

  /** The status says enough, whatever became of the body. */
  failed(): void {
    this.end();
  }

  silent(): void {
    this.end();
  }
}
