import type { Dispatcher } from 'undici';
import type { Body, RawHeaders } from '../core/call.ts';
import { Stage } from '../core/stage.ts';
import type { Exchange, ExchangeHandler, TransportError, UpstreamRequest } from '../core/transport.ts';
import { type Carried, type CarriedExchange, expectSocket } from './sockets.ts';

/** Of one answer, this much may wait for the end of a turn: a read of a socket. */
const untoldBytesMax = 64 * 1024;

/** No chunks: a thousand streams that wait must not have a list each for the garbage collector to copy. */
const nothing: Buffer[] = [];

/** What has come of answers in this turn of the event loop. */
const arrivals = new Stage<UndiciExchange>((exchange) => exchange.arrive());

/** One request and its answer by undici: what comes is told at the end of the turn in which it came. */
export class UndiciExchange implements Exchange, CarriedExchange, Dispatcher.DispatchHandler {
  readonly #handler: ExchangeHandler;
  #abort: ((error?: Error) => void) | null = null;
  #resume: (() => void) | null = null;
  #carried: Carried | null = null;
  #paused = false;
  #draining = false;
  #over = false;

  // What has come, and is not told yet.
  #status = 0;
  #rawHeaders: Buffer[] | null = null;
  #chunks = nothing;
  #bytes = 0;
  #end: 'whole' | TransportError | null = null;
  #arriving = false;

  constructor(handler: ExchangeHandler) {
    this.#handler = handler;
  }

  /** Sends the request; called once. */
  dispatch(dispatcher: Dispatcher, request: UpstreamRequest): void {
    try {
      const { origin, path, method, headers, body } = request;
      dispatcher.dispatch(
        { origin, path, method, headers: withLength(headers, body), ...bodyOption(body) } as Dispatcher.DispatchOptions,
        this,
      );
    } catch (error) {
      this.onError(error as Error);
    }
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#resume?.();
  }

  abort(): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#end !== null) return;
    const carried = this.#carried;
    this.#letGo();
    // Asked to abort, undici ends the connection, and then makes another for the request that it still has in its queue.
    if (carried !== null) carried.close();
    else this.#abort?.(new Error('aborted'));
  }

  started(carried: Carried, reused: boolean): void {
    this.#carried = carried;
    if (!this.#over) this.#handler.started(reused);
  }

  drain(): void {
    this.#draining = true;
    this.#resume?.();
  }

  /** Tells what has come since it was told last. */
  arrive(): void {
    this.#arriving = false;
    this.#tell();
    if (this.#end === null || this.#over) return;
    this.#over = true;
    if (this.#end === 'whole') this.#handler.end();
    else this.#handler.failed(this.#end);
  }

  #tell(): void {
    if (this.#rawHeaders !== null && !this.#over) {
      const headers = this.#rawHeaders.map(latin1);
      this.#rawHeaders = null;
      this.#handler.head(this.#status, headers);
    }
    const chunks = this.#chunks;
    this.#chunks = nothing;
    this.#bytes = 0;
    for (let i = 0; i < chunks.length && !this.#over; i++) this.#handler.data(chunks[i] as Buffer);
  }

  #arrived(): boolean {
    if (!this.#arriving) {
      this.#arriving = true;
      arrivals.add(this);
    }
    // Much at once is told at once: the reader may want to stop it.
    if (this.#bytes >= untoldBytesMax) this.#tell();
    return this.#draining || !this.#paused;
  }

  /** The exchange has no connection any more: its own may carry the next one already. @param end how it ended */
  #ended(end: 'whole' | TransportError): void {
    if (this.#end !== null) return;
    this.#end = end;
    this.#letGo();
    this.#arrived();
  }

  /** A connection that waits for its next request must not keep the last one in memory. */
  #letGo(): void {
    if (this.#carried?.exchange === this) this.#carried.exchange = null;
    this.#carried = null;
    this.#resume = null;
  }

  // What undici calls. The older of its two interfaces, because it hands over raw headers.

  onConnect(abort: (error?: Error) => void): void {
    this.#abort = abort;
    if (this.#over) return abort(new Error('aborted'));
    expectSocket(this);
  }

  onHeaders(status: number, rawHeaders: Buffer[], resume: () => void): boolean {
    this.#resume = resume;
    if (status < 200) return true;
    this.#status = status;
    this.#rawHeaders = rawHeaders;
    return this.#arrived();
  }

  onData(chunk: Buffer): boolean {
    if (this.#chunks === nothing) this.#chunks = [chunk];
    else this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    return this.#arrived();
  }

  onComplete(): void {
    this.#ended('whole');
  }

  onError(error: Error): void {
    this.#ended(transportError(error));
  }
}

function latin1(bytes: Buffer): string {
  return bytes.toString('latin1');
}

function withLength(headers: RawHeaders, body: Body): RawHeaders {
  if (body === null || body instanceof Uint8Array || body.lengthBytes === null) return headers;
  return [...headers, 'content-length', String(body.lengthBytes)];
}

function bodyOption(body: Body): { body?: Uint8Array | AsyncIterable<Uint8Array> } {
  if (body === null) return {};
  return { body: body instanceof Uint8Array ? body : body.chunks };
}

/** The innermost error that has a code says most: a hostname with several addresses fails as an aggregate. */
function transportError(error: Error & { code?: string; errors?: Error[] }): TransportError {
  const inner = (error.errors?.find((each) => 'code' in each) ??
    (error.cause as Error | undefined) ??
    error) as Error & { code?: string };
  return { code: inner.code ?? error.code ?? error.name, message: inner.message || error.message };
}
