import { againstRoute } from '../../health/route.ts';
import type { CredentialHealth } from '../../health/state.ts';
import { type Facts, recent, type Suspect, share } from './suspicion.ts';

/** So many failures without a success, while others are served, are no chance. */
const failuresMin = 4;
/** Others are served where no more than this share of their attempts fails. */
const straysMax = 0.03;

/**
 * The key whose every attempt an upstream fails on its own account (`api_error`), while it serves the
 * other keys. Null: there is none, and what fails there is the route's trouble.
 */
export function singledOut({ health }: Facts, upstream: string): CredentialHealth | null {
  const keys = health.credentials.filter((key) => key.upstream === upstream && key.long.attempts > 0);
  const failing = keys.filter((key) => key.failingSinceMs !== null && againstRoute(recent(key)) >= failuresMin);
  const [only] = failing;
  if (only === undefined || failing.length > 1) return null;
  // Where the others are not served on some model, it may be that one which fails.
  const untold = health.routes.some(
    (route) =>
      route.upstream === upstream &&
      route.failingSinceMs !== null &&
      (route.lastSuccessAtMs ?? 0) < (only.failingSinceMs ?? 0),
  );
  if (untold) return null;
  const others = keys.filter((key) => key !== only && (key.lastSuccessAtMs ?? 0) > (only.failingSinceMs ?? 0));
  const [bad, all] = others
    .map(recent)
    .reduce(([b, a], counts) => [b + againstRoute(counts), a + counts.attempts], [0, 0]);
  return all > 0 && bad <= all * straysMax ? only : null;
}

/** One account that the provider fails, and it alone. */
export const singledOutSuspect: Suspect = (facts) => {
  const upstreams = new Set(facts.health.credentials.map(({ upstream }) => upstream));
  return [...upstreams].flatMap((upstream) => {
    const key = singledOut(facts, upstream);
    if (key === null) return [];
    const counts = recent(key);
    const text = `${share(againstRoute(counts), counts.attempts)} with this key failed, while ${upstream} serves other keys: have the provider look at the account.`;
    const common = { subject: key.credential || null, sinceMs: key.failingSinceMs, failure: key.lastFailure };
    return [{ fault: 'your account', confidence: 0.75, ...common, evidence: [{ from: 'attempts', text }] }];
  });
};
