import { STATUS_CODES } from 'node:http';
import type { Flow, RawHeaders, Reply } from '../core/call.ts';

/** Bytes that wait for a slow reader before the upstream is paused. */
const bufferedBytesMax = 64 * 1024;

const strategy = new ByteLengthQueuingStrategy({ highWaterMark: bufferedBytesMax });

/** Statuses whose responses have no body, by the Fetch standard. */
const bodyless: ReadonlySet<number> = new Set([204, 205, 304]);

/** The highest status that a `Response` can have, and what stands for those above it. */
const statusMax = 599;
const badGateway = 502;

/** Where the engine writes the answer of a call that came through `fetch`: one `Response`. */
export class ResponseReply implements Reply {
  /** Settles with the head. Rejects with the reason of the caller's signal, or when the call broke before. */
  readonly response: Promise<Response>;
  readonly #resolve: (response: Response) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #method: string;
  readonly #signal: AbortSignal | null;
  readonly #onAbort = () => this.#abort();
  /** null until there is a body to write to. */
  #controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | null = null;
  #flow: Flow | null = null;
  #over = false;

  constructor(method: string, signal: AbortSignal | null) {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    this.response = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#method = method;
    this.#signal = signal;
    signal?.addEventListener('abort', this.#onAbort);
  }

  /** Connects the call, once it runs. */
  attach(flow: Flow): void {
    this.#flow = flow;
  }

  head(given: number, headers: RawHeaders): void {
    const status = given > statusMax ? badGateway : given;
    const pairs: [string, string][] = [];
    for (let i = 0; i < headers.length; i += 2) pairs.push([headers[i] as string, headers[i + 1] as string]);
    const body = bodyless.has(status) || this.#method === 'HEAD' ? null : this.#openBody();
    this.#resolve(new Response(body, { status, statusText: STATUS_CODES[status] ?? '', headers: pairs }));
  }

  write(chunk: Uint8Array): boolean {
    const controller = this.#controller;
    if (controller === null) return true;
    // A copy: readers may keep or change what they get, and the engine shares some of its chunks.
    controller.enqueue(new Uint8Array(chunk));
    return (controller.desiredSize ?? 0) > 0;
  }

  end(): void {
    this.#close();
    this.#controller?.close();
  }

  destroy(error: Error): void {
    this.#close();
    // As `fetch` reports a connection that broke.
    this.#fail(new TypeError('terminated', { cause: error }));
  }

  /** The caller's own body broke while it was being sent: as with `fetch`, that is no answer. */
  broke(cause: unknown): void {
    if (this.#over) return;
    this.#leave();
    this.#fail(new TypeError('fetch failed', { cause }));
  }

  #openBody(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#flow?.resume(),
        cancel: () => this.#leave(),
      },
      strategy,
    );
  }

  #abort(): void {
    this.#leave();
    this.#fail(this.#signal?.reason);
  }

  #leave(): void {
    if (this.#over) return;
    this.#close();
    this.#flow?.abort();
  }

  /** A caller's signal may outlive its call by far: nothing may hang on it then. */
  #close(): void {
    this.#over = true;
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }

  #fail(reason: unknown): void {
    if (this.#controller === null) this.#reject(reason);
    else this.#controller.error(reason);
  }
}
