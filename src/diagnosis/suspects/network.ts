import { unconnected, unresolved } from '../../core/connection-codes.ts';
import { span } from '../../core/duration.ts';
import type { RouteHealth, SubjectHealth } from '../../health/state.ts';
import type { Canary, Evidence } from '../verdict.ts';
import { failed, isServed, recent, type Suspect, type Suspicion, share } from './suspicion.ts';

/** A connection is not had in time by the system's own clock either; a reset of one that stood says nothing of the way to it. */
const connectCodes: ReadonlySet<string> = new Set([...unconnected, 'ETIMEDOUT']);
/** A machine whose clock is this far off meets certificates that are out of their time, and refused signatures. */
const clockSkewMsMax = 300_000;

/** The way from here to the upstreams, and this machine's part of it. */
export const networkSuspect: Suspect = (facts) => [
  ...unreachable(facts),
  ...interception(facts),
  ...impostor(facts),
  ...clock(facts),
];

const unreachable: Suspect = ({ health, canaries }) => {
  const { codes, unreached, reached, failingSinceMs } = health.network;
  const counted = Object.entries(codes).filter(([code]) => connectCodes.has(code));
  const count = counted.reduce((sum, [, times]) => sum + times, 0);
  if (count === 0 || unreached.length === 0) return [];
  const failure = newestOf(health.routes, 'network');
  const evidence: Evidence[] = [
    {
      from: 'attempts',
      text: `No connection to ${unreached.join(', ')}: ${counted.map(([code, n]) => `${code} ${n}×`).join(', ')}.`,
    },
  ];
  const looks = canaries.filter(({ upstream }) => unreached.includes(upstream));
  const isConfirmed = looks.length > 0 && looks.every(({ status }) => status === null);
  const isDenied = looks.some(({ status }) => status !== null);
  if (looks.length > 0) evidence.push(canaryEvidence(looks));
  const sinceMs = failingSinceMs;
  if (reached.length > 0) {
    evidence.push({ from: 'attempts', text: `${reached.join(', ')} can be reached from here.` });
    const confidence = isDenied ? 0.4 : isConfirmed ? 0.78 : 0.7;
    return [{ fault: 'this provider', subject: unreached.join(', '), confidence, sinceMs, failure, evidence }];
  }
  const isName = counted.some(([code]) => unresolved.has(code));
  const sure = Math.min((isName ? 0.76 : 0.66) + 0.03 * count, isName ? 0.88 : 0.8);
  const confidence = isDenied ? 0.4 : isConfirmed ? Math.min(sure + 0.07, 0.95) : sure;
  return [{ fault: 'your network', subject: null, confidence, sinceMs, failure, evidence }];
};

/** Certificates that are not the upstream's. */
const interception: Suspect = ({ health }) =>
  worst(health.routes, (route) => failed(recent(route), 'tls')).map(({ of, count }) => {
    const isTime = /EXPIRED|NOT_YET_VALID/.test(of.lastFailure?.code ?? '');
    const text = `${share(count, recent(of).attempts)} met a certificate that is not trusted (${of.lastFailure?.code ?? 'tls'}).`;
    const confidence = isTime ? 0.6 : Math.min(0.82 + 0.03 * count, 0.95);
    return { ...yourNetwork(of), confidence, evidence: [{ from: 'attempts', text }] };
  });

/** Something else answers at the API's address: a login page, a filter. */
const impostor: Suspect = ({ health, canaries }) => {
  const pages = worst(health.routes, (route) =>
    route.lastFailure?.code === 'not_claude' ? failed(recent(route), 'protocol') : 0,
  );
  const servedSince = (sinceMs: number | null) =>
    health.routes.some(({ lastSuccessAtMs }) => (lastSuccessAtMs ?? 0) > (sinceMs ?? 0));
  const login = pages.map(({ of, count }) => {
    const isEverywhere = !servedSince(of.failingSinceMs);
    const text = `${share(count, recent(of).attempts)} were answered with a web page under a good status.`;
    const confidence = isEverywhere ? Math.min(0.74 + 0.03 * count, 0.9) : 0.5;
    return { ...yourNetwork(of), confidence, evidence: [{ from: 'attempts' as const, text }] };
  });
  return [...login, ...refusals(health.routes, canaries, !health.routes.some(isServed))];
};

/** Refusals that are not the API's own: it gives every answer an id. */
function refusals(routes: readonly RouteHealth[], canaries: readonly Canary[], isEverywhere: boolean): Suspicion[] {
  const refused = (status: number) =>
    routes.filter(({ lastFailure: last }) => last?.status === status && last.requestId === null);
  const [proxy] = refused(407);
  const [filter] = refused(403);
  const of = proxy ?? filter;
  if (of === undefined || of.failingSinceMs === null) return [];
  const { status } = of.lastFailure ?? { status: null };
  const isSeen = canaries.some((look) => look.status === status);
  if (proxy === undefined && !isEverywhere && !isSeen) return [];
  const text = `The answers are a ${status} without the API's own request-id: something before the API says no.`;
  const confidence = proxy === undefined ? (isSeen ? 0.85 : 0.72) : 0.92;
  return [{ ...yourNetwork(of), confidence, evidence: [{ from: 'attempts', text }] }];
}

const clock: Suspect = ({ canaries, health }) =>
  canaries
    .filter(({ clockSkewMs }) => clockSkewMs !== null && Math.abs(clockSkewMs) > clockSkewMsMax)
    .slice(0, 1)
    .map(({ clockSkewMs, upstream }) => {
      const skew = span(Math.abs(clockSkewMs ?? 0));
      const text = `The clock of ${upstream} is ${skew} ${(clockSkewMs ?? 0) > 0 ? 'ahead of' : 'behind'} this machine's.`;
      const isFelt = health.routes.some((route) => failed(recent(route), 'tls', 'auth') > 0);
      const failure = newestOf(health.routes, 'tls') ?? newestOf(health.routes, 'auth');
      const evidence: Evidence[] = [{ from: 'canary', text }];
      const confidence = isFelt ? 0.85 : 0.55;
      return { fault: 'this gateway', subject: "this machine's clock", confidence, sinceMs: null, failure, evidence };
    });

/** The subject with most of something, if any has it. */
function worst<T extends SubjectHealth>(subjects: readonly T[], count: (of: T) => number): { of: T; count: number }[] {
  const counted = subjects.map((of) => ({ of, count: count(of) })).filter((each) => each.count > 0);
  return counted.sort((a, b) => b.count - a.count).slice(0, 1);
}

function yourNetwork(of: SubjectHealth): Pick<Suspicion, 'fault' | 'subject' | 'sinceMs' | 'failure'> {
  return { fault: 'your network', subject: null, sinceMs: of.failingSinceMs, failure: of.lastFailure };
}

function newestOf(subjects: readonly SubjectHealth[], kind: string) {
  const failures = subjects.flatMap(({ lastFailure }) => (lastFailure?.class === kind ? [lastFailure] : []));
  return failures.sort((a, b) => b.atMs - a.atMs)[0] ?? null;
}

/** What looks at the upstreams found. */
export function canaryEvidence(looks: readonly Canary[]): Evidence {
  const told = looks.map(({ upstream, status, problem }) => {
    // A look shows no key where the configuration has none.
    if (status === 401) return `${upstream}: it answers (401, for want of a good key)`;
    return `${upstream}: ${status ?? problem ?? 'no answer'}`;
  });
  return { from: 'canary', text: `A free look found ${told.join(', ')}.` };
}
