import { againstRoute } from '../../health/route.ts';
import type { CallCounts } from '../../health/state.ts';
import { allFailed, type Facts, isServed, type Suspect } from './suspicion.ts';

/** Ourselves: calls that were turned away before any upstream was asked. */
export const gatewaySuspect: Suspect = (facts) => {
  const { short } = facts.health.calls;
  const window = isMuch(short) ? 'short' : 'long';
  const { calls, turnedAway } = facts.health.calls[window];
  // What ended minutes ago is over.
  if (short.turnedAway === 0 || !isMuch({ calls, turnedAway })) return [];
  const text = `${turnedAway} of ${calls} calls were turned away before anything was asked: too many waited, or it is shutting down.`;
  const common = { subject: null, sinceMs: null, failure: null, evidence: [{ from: 'gateway' as const, text }] };
  return [{ fault: 'this gateway', confidence: upstreamsAreWell(facts, window) ? 0.86 : 0.45, ...common }];
};

function isMuch({ calls, turnedAway }: CallCounts): boolean {
  return turnedAway >= 3 && turnedAway * 10 >= calls;
}

/** While upstreams are in trouble, calls that nobody could serve are the trouble's, not ours. */
function upstreamsAreWell({ health }: Facts, window: 'short' | 'long'): boolean {
  if (!health.routes.some(isServed)) return false;
  return health.routes.every(({ state, [window]: counts }) => {
    const isWell = state === 'healthy' || state === null;
    return isWell && againstRoute(counts) * 20 <= counts.attempts && allFailed(counts) * 4 <= counts.attempts;
  });
}
