import type { RawHeaders } from '../core/call.ts';
import type { Clock, Timer } from '../core/clock.ts';
import type { Exchange, ExchangeHandler, Transport, TransportError, UpstreamRequest } from '../core/transport.ts';
import { headerOf } from '../wire/headers.ts';

/** What an SDK hands to its middleware: the arguments of `fetch` in one object. */
export interface SdkRequest extends RequestInit {
  url: string;
  headers: Headers;
}

/** Sends a request the way the SDK would have, adapted and signed for its cloud. May be called again and again. */
export type Next = (request: SdkRequest) => Promise<Response>;

export interface NextTransportOptions {
  readonly request: SdkRequest;
  readonly next: Next;
  /** `request.url`, as the engine will put it together again for the SDK's own upstream. */
  readonly url: string;
  /** The way to all other upstreams. */
  readonly others: Transport;
  readonly clock: Clock;
}

/** Reaches the SDK's own upstream through `next`, all others through the engine's sockets. */
export function nextTransport(options: NextTransportOptions): Transport {
  return (sent, handler) =>
    sent.origin + sent.path === options.url && isShownBy(options.request.headers, sent)
      ? new NextExchange(options, sent, handler)
      : options.others(sent, handler);
}

/** False where another key is to be shown at the same address: `next` would show the SDK's own. */
function isShownBy(headers: Headers, sent: UpstreamRequest): boolean {
  return ['x-api-key', 'authorization'].every((name) => {
    const shown = headerOf(sent.headers, name);
    return shown === null || shown === headers.get(name);
  });
}

/** The SDK gives each `next` its timeout and then aborts the whole request; an attempt ends before that. */
const timeoutShare = 0.95;

class NextExchange implements Exchange {
  readonly #handler: ExchangeHandler;
  readonly #clock: Clock;
  readonly #aborter = new AbortController();
  #timer: Timer | null = null;
  #over = false;
  #paused = false;
  #wake: (() => void) | null = null;
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null;

  constructor(options: NextTransportOptions, sent: UpstreamRequest, handler: ExchangeHandler) {
    this.#handler = handler;
    this.#clock = options.clock;
    void this.#run(options, sent);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#wake?.();
  }

  abort(): void {
    if (this.#over) return;
    this.#finish();
    this.#aborter.abort();
    // A `next` that ignores the signal would keep its connection, and whoever reads it, for ever.
    this.#reader?.cancel().catch(() => {});
    this.#wake?.();
  }

  async #run(options: NextTransportOptions, sent: UpstreamRequest): Promise<void> {
    // A transport never calls its handler before it has returned.
    await null;
    if (this.#over) return;
    this.#handler.started(false);
    this.#limitHead(options.request.headers);
    try {
      const response = await options.next(requestFor(options.request, sent, this.#aborter.signal));
      this.#clearTimer();
      if (this.#over) return void response.body?.cancel();
      this.#handler.head(response.status, headersOf(response.headers));
      if (this.#over) return void response.body?.cancel();
      if (response.body !== null) await this.#pump(response.body);
      if (this.#over) return;
      this.#finish();
      this.#handler.end();
    } catch (error) {
      this.#fail(innermost(error));
    }
  }

  async #pump(body: ReadableStream<Uint8Array>): Promise<void> {
    const reader = body.getReader();
    this.#reader = reader;
    for (;;) {
      if (this.#paused) await this.#resumed();
      if (this.#over) return;
      const { done, value } = await reader.read();
      if (done || this.#over) return;
      this.#handler.data(value);
    }
  }

  #resumed(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #limitHead(headers: Headers): void {
    const seconds = Number(headers.get('x-stainless-timeout'));
    if (!(seconds > 0)) return;
    this.#timer = this.#clock.after(seconds * 1000 * timeoutShare, () => {
      this.#timer = null;
      this.#fail({ code: 'first_byte_timeout', message: 'no answer within the timeout of the SDK' });
      this.#aborter.abort();
    });
  }

  #fail(error: TransportError): void {
    if (this.#over) return;
    this.#finish();
    this.#handler.failed(error);
  }

  #finish(): void {
    this.#over = true;
    this.#clearTimer();
  }

  #clearTimer(): void {
    if (this.#timer !== null) this.#clock.cancel(this.#timer);
    this.#timer = null;
  }
}

/** A copy of the SDK's request with what the engine changed. Its signal is ours: each attempt ends by itself. */
function requestFor(request: SdkRequest, sent: UpstreamRequest, signal: AbortSignal): SdkRequest {
  const headers = new Headers(request.headers);
  for (const name of request.headers.keys()) if (name.startsWith('ridethrough-')) headers.delete(name);
  for (let i = 0; i < sent.headers.length; i += 2)
    headers.set(sent.headers[i] as string, sent.headers[i + 1] as string);
  const body = sent.body instanceof Uint8Array ? new TextDecoder().decode(sent.body) : null;
  return { ...request, headers, body, signal };
}

/** `fetch` has decoded the body, and left the headers that say it is coded. */
function headersOf(given: Headers): RawHeaders {
  const isCoded = given.has('content-encoding');
  const headers: RawHeaders = [];
  for (const [name, value] of given) {
    if (!isCoded || (name !== 'content-encoding' && name !== 'content-length')) headers.push(name, value);
  }
  return headers;
}

/** The innermost error says most: `fetch` wraps what the socket said, and an SDK may wrap it again. */
function innermost(error: unknown): TransportError {
  let found: { code?: unknown; name?: string; message?: string } = { name: 'Error', message: String(error) };
  let inner = error;
  for (let depth = 0; depth < 8 && inner instanceof Error; depth++) {
    found = inner;
    inner = inner instanceof AggregateError ? inner.errors[0] : inner.cause;
  }
  return { code: String(found.code ?? found.name), message: found.message ?? '' };
}
