import { failed, recent, type Suspect, type Suspicion, share } from './suspicion.ts';

/** Callers whose requests the API refuses, while it serves others or other requests. */
export const requestSuspect: Suspect = ({ health }) => {
  const suspicions: Suspicion[] = [];
  const others = health.routes.some(({ lastSuccessAtMs }) => lastSuccessAtMs !== null);
  for (const caller of health.callers) {
    const { lastFailure, failingSinceMs, callers } = caller;
    const counts = recent(caller);
    const bad = failed(counts, 'request', 'conflict');
    if (bad === 0 || lastFailure === null || bad * 10 < counts.attempts) continue;
    const isLast = lastFailure.class === 'request' || lastFailure.class === 'conflict';
    if (!isLast && bad < 3) continue;
    // A proxy has not read it.
    if (lastFailure.status === 407) continue;
    // The API names what is wrong with a request only after it has read it: there is little else that it could mean.
    const confidence = Math.min(0.8 + 0.03 * bad + (others ? 0.03 : 0) - (isLast ? 0 : 0.1), 0.97);
    const text = `${share(bad, counts.attempts)} of the caller ${caller.caller || '(unnamed)'} were refused as wrong in themselves (${lastFailure.type}).`;
    const elsewhere =
      callers.failing > 0 && others ? [{ from: 'attempts' as const, text: 'Other requests are served.' }] : [];
    suspicions.push({
      fault: 'your request',
      subject: caller.caller || null,
      confidence,
      failure: lastFailure,
      sinceMs: failingSinceMs,
      evidence: [{ from: 'attempts', text }, ...elsewhere],
    });
  }
  return suspicions;
};
