import type { RawHeaders } from '../core/call.ts';
import type { Clock, Timer } from '../core/clock.ts';
import type { Exchange, ExchangeHandler, Transport, TransportError, UpstreamRequest } from '../core/transport.ts';

/** The upstream's hand on one exchange. What it says after the end, or after an abort, is dropped. */
export interface Respond {
  head(status: number, headers?: RawHeaders): void;
  data(chunk: Uint8Array | string): void;
  end(): void;
  /** Breaks the connection. */
  fail(code: string, message?: string): void;
  /** Head, body and end at once. */
  answer(status: number, headers: RawHeaders, body: Uint8Array | string): void;
  /** Runs `callback` once if the exchange is aborted; at once if it already was. */
  onAbort(callback: () => void): void;
}

/** An upstream as a function: called once for each exchange, when its connection stands. */
export type MemoryUpstream = (request: UpstreamRequest, respond: Respond) => void;

export interface MemoryTransportOptions {
  readonly clock: Clock;
  readonly upstream: MemoryUpstream;
  /** Milliseconds to a connection. Default 0: still never before the transport has returned. */
  readonly connectMs?: number;
  /** Asked for each request when its connection would stand: an error refuses it. Default: none does. */
  readonly refuse?: (request: UpstreamRequest) => TransportError | null;
  /** Whether a request meets a connection used before; never asked where it wants a fresh one. Default: no. */
  readonly reused?: (request: UpstreamRequest) => boolean;
}

/** A transport that counts what it holds. */
export type MemoryTransport = Transport & {
  /** Exchanges that have neither ended nor been aborted: 0 after a test that left nothing behind. */
  readonly open: number;
};

/** A `Transport` without sockets, in the time of `clock`: for engine tests that run hours in seconds. */
export function memoryTransport(options: MemoryTransportOptions): MemoryTransport {
  const open = new Set<MemoryExchange>();
  const transport: Transport = (request, handler) => {
    const exchange = new MemoryExchange(options, request, handler, () => open.delete(exchange));
    open.add(exchange);
    return exchange;
  };
  return Object.defineProperty(transport, 'open', { get: () => open.size }) as MemoryTransport;
}

class MemoryExchange implements Exchange, Respond {
  readonly #clock: Clock;
  readonly #handler: ExchangeHandler;
  readonly #onOver: () => void;
  readonly #abortCallbacks: (() => void)[] = [];
  /** What the upstream has said while the reader paused. */
  readonly #held: (() => void)[] = [];
  readonly #connecting: Timer;
  #state: 'open' | 'answered' | 'over' | 'aborted' = 'open';
  #paused = false;

  constructor(options: MemoryTransportOptions, request: UpstreamRequest, handler: ExchangeHandler, onOver: () => void) {
    this.#clock = options.clock;
    this.#handler = handler;
    this.#onOver = onOver;
    this.#connecting = options.clock.after(options.connectMs ?? 0, () => {
      const refusal = options.refuse?.(request) ?? null;
      if (refusal !== null) return this.fail(refusal.code, refusal.message);
      handler.started(!request.fresh && (options.reused?.(request) ?? false));
      // `started` may have aborted it; the upstream then never hears of it.
      if (this.#state === 'open') options.upstream(request, this);
    });
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    while (!this.#paused && this.#held.length > 0) this.#held.shift()?.();
  }

  abort(): void {
    if (this.#state === 'over' || this.#state === 'aborted') return;
    this.#state = 'aborted';
    this.#held.length = 0;
    this.#clock.cancel(this.#connecting);
    this.#onOver();
    for (const callback of this.#abortCallbacks.splice(0)) callback();
  }

  head(status: number, headers: RawHeaders = []): void {
    this.#say(() => this.#handler.head(status, headers));
  }

  data(chunk: Uint8Array | string): void {
    const bytes = typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk;
    this.#say(() => this.#handler.data(bytes));
  }

  end(): void {
    this.#sayLast(() => this.#handler.end());
  }

  fail(code: string, message: string = code): void {
    this.#sayLast(() => this.#handler.failed({ code, message }));
  }

  answer(status: number, headers: RawHeaders, body: Uint8Array | string): void {
    this.head(status, headers);
    this.data(body);
    this.end();
  }

  onAbort(callback: () => void): void {
    if (this.#state === 'aborted') callback();
    else this.#abortCallbacks.push(callback);
  }

  #say(tell: () => void): void {
    if (this.#state !== 'open') return;
    // While held ones are being told, a new one queues behind them.
    if (this.#paused || this.#held.length > 0) this.#held.push(tell);
    else tell();
  }

  #sayLast(tell: () => void): void {
    this.#say(() => {
      this.#state = 'over';
      this.#onOver();
      tell();
    });
    // A paused reader still has to hear the end, but the upstream has nothing more to say.
    if (this.#state === 'open') this.#state = 'answered';
  }
}
