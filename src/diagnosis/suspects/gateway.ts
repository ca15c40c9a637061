import { isServed, type Suspect } from './suspicion.ts';

/** Ourselves: calls that were turned away before any upstream was asked. */
export const gatewaySuspect: Suspect = ({ health }) => {
  const { ownFailures, calls, routes } = health;
  if (ownFailures < 3 || ownFailures * 10 < calls) return [];
  // While the upstreams are out, calls that nobody could serve are the outage's, not ours.
  const isWell = routes.some(isServed) && !routes.some(({ state }) => state === 'down' || state === 'degraded');
  const text = `${ownFailures} of ${calls} calls were turned away before anything was asked: too many waited, or it is shutting down.`;
  const common = { subject: null, sinceMs: null, failure: null, evidence: [{ from: 'gateway' as const, text }] };
  return [{ fault: 'this gateway', confidence: isWell ? 0.86 : 0.5, ...common }];
};
