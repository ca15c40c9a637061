import type { IncomingMessage } from 'node:http';
import { isLoopback } from '../core/loopback.ts';
import type { Problem } from '../engine/intake.ts';
import { problems } from './error-response.ts';

export interface GuardOptions {
  /** Further hosts, lower case: `name` for any port, or `name:port`. */
  readonly hosts: readonly string[];
  /** Origins that are served, lower case. */
  readonly origins: readonly string[];
}

/** TRACE would echo credentials, and the rest of HTTP's methods mean nothing to the API. */
const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/**
 * Refuses what no honest client of the API sends. A web page that rebinds its DNS name to our
 * address shows that name as Host; one that just posts to us shows its Origin.
 */
export class Guard {
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;
  /** Clients repeat one Host for ever: the last good one is not parsed again. */
  #lastHost = '';

  constructor(options: GuardOptions) {
    this.#hosts = new Set(options.hosts);
    this.#origins = new Set(options.origins);
  }

  /** What is wrong with a request's head, before anybody asks who sent it; null when nothing is. */
  check(request: IncomingMessage): Problem | null {
    const { headers } = request;
    if (!request.url?.startsWith('/')) return problems.target;
    if (!methods.has(request.method ?? '')) return problems.method;
    // Java offers h2c with every request; ignoring that offer is what HTTP asks for.
    if (headers.upgrade !== undefined && headers.upgrade.toLowerCase() !== 'h2c') return problems.upgrade;
    // What is coded any further would go upstream as it is, under a head that no longer says so.
    const coding = headers['transfer-encoding'];
    if (coding !== undefined && coding.trim().toLowerCase() !== 'chunked') return problems.coding;
    if (headers.host === undefined || countOf(request.rawHeaders, 'host') > 1) return problems.malformed;
    if (!this.#servesHost(headers.host, request.socket.localAddress ?? '')) return problems.host;
    if (headers.origin !== undefined && !this.#origins.has(headers.origin.toLowerCase())) return problems.origin;
    return null;
  }

  #servesHost(host: string, localAddress: string): boolean {
    if (host !== '' && host === this.#lastHost) return true;
    const given = host.toLowerCase();
    const name = /^(\[[0-9a-f:.]+\]|[^:[\]/@\s]+)(?::\d{1,5})?$/.exec(given)?.[1];
    if (name === undefined) return false;
    const bare = name.replace(/^\[|\]$/g, '');
    const local = localAddress.replace(/^::ffff:(?=\d)/, '');
    if (bare === local) return true;
    if (!isLoopback(bare) && !this.#hosts.has(given) && !this.#hosts.has(name)) return false;
    this.#lastHost = host;
    return true;
  }
}

function countOf(rawHeaders: readonly string[], name: string): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const candidate = rawHeaders[i] as string;
    if (candidate.length === name.length && candidate.toLowerCase() === name) count++;
  }
  return count;
}
