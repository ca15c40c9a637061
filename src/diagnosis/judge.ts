import { countsAgainstRoute } from '../core/outcome.ts';
import { shortMs } from '../health/limits.ts';
import type { SubjectHealth } from '../health/state.ts';
import { apiComponent } from '../status/state.ts';
import { entryOf } from './catalogue/index.ts';
import { accountSuspect } from './suspects/account.ts';
import { gatewaySuspect } from './suspects/gateway.ts';
import { networkSuspect } from './suspects/network.ts';
import { providerSuspect } from './suspects/provider.ts';
import { requestSuspect } from './suspects/request.ts';
import { singledOutSuspect } from './suspects/singled-out.ts';
import { allFailed, type Facts, isServed, type Suspicion, share } from './suspects/suspicion.ts';
import type { Evidence, Verdict } from './verdict.ts';
import { adviceFor, doingAbout, summaryOf } from './words.ts';

const suspects = [accountSuspect, singledOutSuspect, requestSuspect, networkSuspect, providerSuspect, gatewaySuspect];

/** Below this nobody is named: `unclear`. */
const namedFrom = 0.5;

/**
 * Whose fault it is. Each suspect looks at the facts in one respect and says how sure it is; the
 * surest is named. Nothing is made up: where the facts leave it open, the verdict does too.
 */
export function judge(facts: Facts): Verdict {
  const suspicions = suspects.flatMap((suspect) => suspect(facts)).sort((a, b) => b.confidence - a.confidence);
  const [first, second] = suspicions;
  if (first === undefined) return isQuiet(facts) ? nothingKnown(facts) : nothingWrong(facts);
  if (first.confidence < namedFrom) return unclear(first);
  // Two who are as likely are neither of them proven.
  const rival = second !== undefined && second.fault !== first.fault && second.confidence > first.confidence - 0.05;
  return named(rival ? { ...first, confidence: Math.min(first.confidence, 0.79) } : first);
}

function named(suspicion: Suspicion): Verdict {
  const { fault, subject, confidence, sinceMs, failure, evidence } = suspicion;
  const entry = failure === null ? null : entryOf(failure);
  const shape: Evidence[] = entry === null ? [] : [{ from: 'catalogue', text: `${entry.title}: ${entry.cause}` }];
  return {
    fault,
    subject,
    confidence: Math.round(confidence * 100) / 100,
    sinceMs,
    summary: summaryOf(suspicion),
    evidence: [...evidence, ...shape],
    shape: entry?.id ?? null,
    doing: doingAbout(fault, entry),
    advice: adviceFor(fault, entry),
  };
}

function unclear(best: Suspicion): Verdict {
  const { evidence, confidence, sinceMs, failure } = best;
  const entry = failure === null ? null : entryOf(failure);
  return {
    fault: 'unclear',
    subject: null,
    confidence: Math.round((1 - confidence) * 50) / 100,
    sinceMs,
    evidence,
    summary: `Something failed, but too little is known to say whose fault it is; most likely ${best.fault}.`,
    shape: entry?.id ?? null,
    doing: doingAbout('unclear', entry),
    advice: adviceFor('unclear', entry),
  };
}

/** Too little has been asked lately to say anything. */
function isQuiet({ health }: Facts): boolean {
  const attempts = health.routes.reduce((sum, { long }) => sum + long.attempts, 0);
  return attempts === 0 || health.routes.every((route) => route.long.attempts === 0 || !isServed(route));
}

function nothingKnown(facts: Facts): Verdict {
  const evidence = standing(facts);
  const isWell = facts.canaries.some(({ status }) => status !== null && status < 400);
  return {
    fault: 'unclear',
    subject: null,
    confidence: 0.5,
    sinceMs: null,
    evidence,
    shape: null,
    summary: isWell
      ? 'The API answers, but too little has been asked of it lately to say more.'
      : 'Too little has been asked lately to say whose fault anything is.',
    doing: doingAbout('unclear', null),
    advice: adviceFor('unclear', null),
  };
}

function nothingWrong(facts: Facts): Verdict {
  const recovering = facts.health.routes.some(({ state }) => state === 'recovering');
  const [failed, attempts] = totals(facts);
  const isRed = pageIsRed(facts);
  const sure = Math.min(0.7 + 0.02 * (attempts - failed), 0.95) - (isRed ? 0.1 : 0) - (recovering ? 0.15 : 0);
  // A key that was just refused, or a call that was turned away, may be the first sign of more.
  const { credentials, calls, atMs } = facts.health;
  const isDoubtful = calls.long.turnedAway > 0 || credentials.some(isNewlyRefused(atMs));
  const confidence = isDoubtful ? Math.min(sure, 0.7) : sure;
  return {
    fault: 'nothing is wrong',
    subject: null,
    confidence: Math.round(Math.max(confidence, 0.5) * 100) / 100,
    sinceMs: null,
    evidence: standing(facts),
    shape: null,
    summary: isRed
      ? 'Calls are served, although the status page tells of trouble.'
      : failed === 0
        ? 'Calls are served, and none has failed lately.'
        : 'Calls are served; what failed now and then was absorbed.',
    doing: doingAbout('nothing is wrong', null),
    advice: adviceFor('nothing is wrong', null),
  };
}

function isNewlyRefused(nowMs: number): (of: SubjectHealth) => boolean {
  return ({ lastFailure: last }) => {
    return last !== null && last.atMs > nowMs - shortMs && !countsAgainstRoute(last.class) && last.class !== 'request';
  };
}

function standing(facts: Facts): Evidence[] {
  const [failed, attempts] = totals(facts);
  const evidence: Evidence[] = [
    { from: 'attempts', text: `${share(failed, attempts)} of the last ten minutes failed.` },
  ];
  const { page } = facts;
  if (page === null || page.readAtMs === null) return evidence;
  const api = apiComponent(page);
  const [incident] = page.incidents;
  const word = api === undefined ? 'nothing of the API' : `of the API: ${api.status.replaceAll('_', ' ')}`;
  const open = incident === undefined ? '' : `; an incident is open: ${incident.name}`;
  return [...evidence, { from: 'status page', text: `The status page says ${word}${open}.` }];
}

function totals({ health }: Facts): [failed: number, attempts: number] {
  return health.routes.reduce<[number, number]>(
    ([failed, attempts], { long }) => [failed + allFailed(long), attempts + long.attempts],
    [0, 0],
  );
}

function pageIsRed({ page }: Facts): boolean {
  if (page === null || page.readAtMs === null) return false;
  const api = apiComponent(page);
  return page.incidents.length > 0 || (api !== undefined && api.status !== 'operational');
}
