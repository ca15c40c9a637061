import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';
import { RidethroughError } from '../core/errors.ts';
import type { Transport } from '../core/transport.ts';
import { UndiciExchange } from './undici-exchange.ts';

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
