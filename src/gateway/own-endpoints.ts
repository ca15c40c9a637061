import type { Metrics } from './metrics.ts';

/** What an own endpoint answers. */
export interface OwnAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

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

/** What stands under `/ridethrough/`, for administrators; null where nothing does. */
export async function adminAnswer(path: string, metrics: Metrics): Promise<OwnAnswer | null> {
  if (path !== '/ridethrough/metrics') return null;
  return { status: 200, contentType: metrics.contentType, body: await metrics.render() };
}
