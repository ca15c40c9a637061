import type { OwnAnswer, OwnEndpoint } from '../core/endpoint.ts';
import { expositionType } from './exposition.ts';
import type { Metrics } from './metrics.ts';

const text = 'text/plain; charset=utf-8';

/**
 * The probes, which anybody may ask: `/healthz` says that the process lives, `/readyz` that it takes
 * requests. Neither turns with the upstream: taking a gateway out of service because of an outage
 * would turn waiting calls into failed ones.
 * @returns null for any other path
 */
export function probeAnswer(path: string, draining: boolean): OwnAnswer | null {
  if (path === '/healthz') return { status: 200, contentType: text, body: 'ok\n' };
  if (path !== '/readyz') return null;
  return draining
    ? { status: 503, contentType: text, body: 'draining\n' }
    : { status: 200, contentType: text, body: 'ready\n' };
}

/** `GET /ridethrough/metrics`, for administrators and their Prometheus. */
export function metricsEndpoint(metrics: Metrics): OwnEndpoint {
  return {
    method: 'GET',
    path: '/ridethrough/metrics',
    admin: true,
    answer: async () => ({ status: 200, contentType: expositionType, body: metrics.render() }),
  };
}

/** What stands under `/ridethrough/`, by method and path: an exact path goes before one that ends in `/*`. */
export class OwnEndpoints {
  readonly #exact = new Map<string, OwnEndpoint>();
  readonly #below: OwnEndpoint[] = [];

  constructor(endpoints: readonly OwnEndpoint[]) {
    for (const endpoint of endpoints) {
      if (endpoint.path.endsWith('/*')) this.#below.push(endpoint);
      else this.#exact.set(`${endpoint.method} ${endpoint.path}`, endpoint);
    }
  }

  find(method: string, path: string): OwnEndpoint | null {
    const asked = method === 'HEAD' ? 'GET' : method;
    const isAbove = (endpoint: OwnEndpoint) => endpoint.method === asked && path.startsWith(endpoint.path.slice(0, -1));
    return this.#exact.get(`${asked} ${path}`) ?? this.#below.find(isAbove) ?? null;
  }
}
