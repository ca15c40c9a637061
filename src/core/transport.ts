import type { Body, RawHeaders } from './call.ts';

/** One request to one upstream, ready to be written. */
export interface UpstreamRequest {
  /** Scheme, host and port: `https://api.anthropic.com`. */
  readonly origin: string;
  readonly method: string;
  readonly path: string;
  /** Without `host`, `content-length` and `transfer-encoding`: the transport knows those. */
  readonly headers: RawHeaders;
  readonly body: Body;
  /** True: not on a connection that was used before. For the replay after a stale keep-alive reset. */
  readonly fresh: boolean;
}

/** Why an exchange broke below HTTP. `code` is the system's or the library's own: `ECONNRESET`, `UND_ERR_SOCKET`… */
export interface TransportError {
  readonly code: string;
  readonly message: string;
}

/**
 * What a transport reports, in this order: `started`, `head`, `data`*, then `end` or `failed`.
 * `failed` may come at any point and is the last. Nothing is reported after `Exchange.abort`. `started`
 * may come before the transport has returned, where a connection stands ready; nothing else does.
 */
export interface ExchangeHandler {
  /** A connection stands and the request is being written: from now on request bytes may have left. */
  started(reused: boolean): void;
  /** Informational (1xx) responses are not reported. */
  head(status: number, headers: RawHeaders): void;
  data(chunk: Uint8Array): void;
  end(): void;
  failed(error: TransportError): void;
}

/** A running exchange. All three may be called at any time, also twice, also after its end. */
export interface Exchange {
  /** Stops reading, so that backpressure reaches the upstream. */
  pause(): void;
  resume(): void;
  /** Ends the exchange and tells the upstream by closing the connection. */
  abort(): void;
}

/** Sends a request. Never throws; what it has to tell, beside `started`, it tells after it has returned. */
export type Transport = (request: UpstreamRequest, handler: ExchangeHandler) => Exchange;
