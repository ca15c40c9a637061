import type { FailureClass } from '../../core/outcome.ts';
import type { CredentialHealth } from '../../health/state.ts';
import { type StatusState, touchesApi } from '../../status/state.ts';
import type { Evidence } from '../verdict.ts';
import { failed, recent, type Suspect, type Suspicion, share } from './suspicion.ts';

/** Keys, money and limits. */
export const accountSuspect: Suspect = (facts) => {
  const { page } = facts;
  const { credentials } = facts.health;
  return credentials.flatMap((credential) => [
    ...money(credential),
    ...key(credential, credentials, page),
    ...permission(credential),
    ...rate(credential),
  ]);
};

function suspicion(of: CredentialHealth, confidence: number, text: string): Suspicion {
  return {
    fault: 'your account',
    subject: of.credential || null,
    confidence,
    failure: of.lastFailure,
    sinceMs: of.failingSinceMs,
    evidence: [{ from: 'attempts', text }],
  };
}

/** Failures of one kind, while they last: a success after them ends the suspicion. */
function lasting(of: CredentialHealth, kind: FailureClass): number {
  return of.failingSinceMs === null ? 0 : failed(recent(of), kind);
}

function money(of: CredentialHealth): Suspicion[] {
  const count = lasting(of, 'spend-limit');
  if (count === 0 || of.lastFailure?.class !== 'spend-limit') return [];
  const text = `${share(count, recent(of).attempts)} with this key were refused for money (${of.lastFailure.code ?? of.lastFailure.type}).`;
  return [suspicion(of, Math.min(0.86 + 0.03 * count, 0.97), text)];
}

function key(of: CredentialHealth, all: readonly CredentialHealth[], page: StatusState | null): Suspicion[] {
  const count = lasting(of, 'auth');
  if (count === 0 || of.lastFailure?.class !== 'auth') return [];
  const text = `${share(count, recent(of).attempts)} with this key were refused as unauthenticated.`;
  // When good keys fail all at once, it is the provider that has lost its list of keys.
  const suddenly = all.filter(
    ({ upstream, lastFailure, lastSuccessAtMs }) =>
      upstream === of.upstream && lastFailure?.class === 'auth' && lastSuccessAtMs !== null,
  );
  const others = all.filter(({ upstream, failingSinceMs }) => upstream === of.upstream && failingSinceMs === null);
  if (suddenly.length > 1 && others.length === 0) {
    const also = `${suddenly.length} keys that had been accepted are refused at once.`;
    const { failure, sinceMs } = suspicion(of, 0, text);
    const evidence = [{ from: 'attempts' as const, text: also }];
    return [{ fault: 'this provider', subject: of.upstream, confidence: 0.75, sinceMs, failure, evidence }];
  }
  const sure = Math.min(0.84 + 0.04 * count, 0.97);
  if (of.lastSuccessAtMs === null || !saysKeysAreRefused(page)) return [suspicion(of, sure, text)];
  const { failure, sinceMs } = suspicion(of, 0, text);
  const told: Evidence = { from: 'status page', text: 'The status page tells of trouble with authentication.' };
  const evidence: Evidence[] = [{ from: 'attempts', text }, told];
  return [{ fault: 'this provider', subject: of.upstream, confidence: 0.78, sinceMs, failure, evidence }];
}

function saysKeysAreRefused(page: StatusState | null): boolean {
  if (page === null || page.readAtMs === null) return false;
  return page.incidents.some((incident) => touchesApi(incident) && /authenticat|api keys?\b/i.test(incident.name));
}

function permission(of: CredentialHealth): Suspicion[] {
  const count = failed(recent(of), 'permission');
  if (count === 0 || of.lastFailure === null) return [];
  const isLast = of.lastFailure.class === 'permission';
  if (!isLast && count < 3) return [];
  const text = `${share(count, recent(of).attempts)} with this key were refused for want of permission.`;
  // The API gives every answer an id; an answer without one may come from something before it.
  const confidence = of.lastFailure.requestId === null && isLast ? 0.6 : Math.min(0.8 + 0.04 * count, 0.95);
  return [suspicion(of, confidence, text)];
}

function rate(of: CredentialHealth): Suspicion[] {
  const counts = failed(recent(of), 'rate-limit') < 3 ? of.long : recent(of);
  const count = failed(counts, 'rate-limit');
  const isLast = of.lastFailure?.class === 'rate-limit';
  // While a limit is waited out next to nothing is asked.
  const lasts = isLast && of.failingSinceMs !== null && count >= 3;
  if (count === 0 || (count * 10 < counts.attempts && !lasts)) return [];
  if (!isLast && count < 3) return [];
  const text = `${share(count, counts.attempts)} with this key met a rate limit.`;
  return [suspicion(of, Math.min((isLast ? 0.76 : 0.7) + 0.03 * count, 0.93), text)];
}
