import { againstRoute } from '../../health/route.ts';
import type { CallCounts } from '../../health/state.ts';
import { type Facts, isServed, type Suspect } from './suspicion.ts';

/** Up to this share of an upstream's attempts fails on a good day. */
const straysMax = 0.02;

/** Ourselves: calls that were turned away before any upstream was asked. */
export const gatewaySuspect: Suspect = (facts) => {
  const { short } = facts.health.calls;
  const window = isMuch(short) ? 'short' : 'long';
  const { calls, turnedAway } = facts.health.calls[window];
  // What ended minutes ago is over.
  if (short.turnedAway === 0 || !isMuch({ calls, turnedAway })) return [];
  const text = `${turnedAway} of ${calls} calls were turned away before anything was asked: too many waited, or it is shutting down.`;
  const common = { subject: null, sinceMs: null, failure: null, evidence: [{ from: 'gateway' as const, text }] };
  return [{ fault: 'this gateway', confidence: upstreamsAreWell(facts) ? 0.86 : 0.45, ...common }];
};

function isMuch({ calls, turnedAway }: CallCounts): boolean {
  return turnedAway >= 3 && turnedAway * 10 >= calls;
}

/** While upstreams are in trouble, calls that nobody could serve are the trouble's, not ours. */
function upstreamsAreWell({ health: { routes } }: Facts): boolean {
  const isTroubled = routes.some(({ state }) => state === 'down' || state === 'degraded' || state === 'recovering');
  if (isTroubled || !routes.some(isServed)) return false;
  const failures = routes.reduce((sum, { long }) => sum + againstRoute(long), 0);
  const attempts = routes.reduce((sum, { long }) => sum + long.attempts, 0);
  return failures <= attempts * straysMax;
}
