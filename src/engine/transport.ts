import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';
import type { Body, RawHeaders } from '../core/call.ts';
import { RidethroughError } from '../core/errors.ts';
import type { Exchange, ExchangeHandler, Transport, TransportError, UpstreamRequest } from '../core/transport.ts';
import { type Carried, type CarriedExchange, expectSocket } from './sockets.ts';

/** Response heads up to this size: rate-limit headers alone take two kilobytes. */
const headBytesMax = 64 * 1024;
/** Own timers keep the promises; the library's, which tick once a second, only clear up behind them. */
const connectGraceMs = 5_000;
/** An idle connection is kept this long, unless the upstream names less. */
const idleSocketMs = 30_000;

export interface TransportOptions {
  /** Address of an HTTP proxy for all upstreams; default, and null: `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY` as usual. */
  readonly proxy?: string | null;
  /** Seconds to a connection, see `Limits`. */
  readonly connect: number;
}

/** A transport that holds sockets. */
export type SocketTransport = Transport & { close(): Promise<void> };

/**
 * The sockets to the upstreams: undici's dispatcher, one pool an origin, connections reused, HTTP/1.1.
 * @throws RidethroughError `invalid_config` for the address of a proxy that is none
 */
export function undiciTransport(options: TransportOptions): SocketTransport {
  const shared = {
    allowH2: false,
    headersTimeout: 0,
    bodyTimeout: 0,
    connectTimeout: options.connect * 1000 + connectGraceMs,
    maxHeaderSize: headBytesMax,
    keepAliveTimeout: idleSocketMs,
    autoSelectFamily: true,
  } satisfies Agent.Options;
  const create = (extra: Agent.Options): Dispatcher => {
    const all = { ...shared, ...extra };
    if (options.proxy) return new EnvHttpProxyAgent({ ...all, httpProxy: options.proxy, httpsProxy: options.proxy });
    return hasProxy() ? throughProxy(all) : new Agent(all);
  };
  const reusing = create({});
  // Without pipelining there is no keep-alive: each request gets a connection of its own.
  const fresh = create({ pipelining: 0 });
  const transport: Transport = (request, handler) => {
    const exchange = new UndiciExchange(handler);
    exchange.dispatch(request.fresh ? fresh : reusing, request);
    return exchange;
  };
  return Object.assign(transport, {
    async close() {
      await Promise.all([reusing.destroy(), fresh.destroy()]);
    },
  });
}

function throughProxy(options: Agent.Options): Dispatcher {
  try {
    return new EnvHttpProxyAgent(options);
  } catch (cause) {
    const message = 'HTTPS_PROXY or HTTP_PROXY is no http address: write it as http://HOST:PORT, or unset it.';
    throw new RidethroughError('invalid_config', message, { cause });
  }
}

function hasProxy(): boolean {
  return ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'].some((name) => Boolean(process.env[name]));
}

class UndiciExchange implements Exchange, CarriedExchange, Dispatcher.DispatchHandler {
  readonly #handler: ExchangeHandler;
  #abort: ((error?: Error) => void) | null = null;
  #resume: (() => void) | null = null;
  #carried: Carried | null = null;
  #paused = false;
  #draining = false;
  #over = false;

  constructor(handler: ExchangeHandler) {
    this.#handler = handler;
  }

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
    if (!this.#finish()) return;
    // Asked to abort, undici ends the connection, and then makes another for the request that it still has in its queue.
    if (this.#carried !== null) this.#carried.close();
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

  /** A connection that waits for its next request must not keep the last one in memory. @returns false when it was over */
  #finish(): boolean {
    if (this.#over) return false;
    this.#over = true;
    if (this.#carried?.exchange === this) this.#carried.exchange = null;
    return true;
  }

  // What undici calls. The older of its two interfaces, because it hands over raw headers.

  onConnect(abort: (error?: Error) => void): void {
    this.#abort = abort;
    if (this.#over) return abort(new Error('aborted'));
    expectSocket(this);
  }

  onHeaders(status: number, rawHeaders: Buffer[], resume: () => void): boolean {
    this.#resume = resume;
    if (status >= 200 && !this.#over) this.#handler.head(status, rawHeaders.map(latin1));
    return this.#draining || !this.#paused;
  }

  onData(chunk: Buffer): boolean {
    if (!this.#over) this.#handler.data(chunk);
    return this.#draining || !this.#paused;
  }

  onComplete(): void {
    if (this.#finish()) this.#handler.end();
  }

  onError(error: Error): void {
    if (!this.#finish()) return;
    const failure = transportError(error);
    // Also when the request could not even be begun: a transport never answers before it has returned.
    queueMicrotask(() => this.#handler.failed(failure));
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
