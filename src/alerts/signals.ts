import { span } from '../core/duration.ts';
import type { AttemptEvent, BreakerEvent } from '../core/events.ts';
import type { HealthChange } from '../health/state.ts';
import { isOver, type StatusChange, type StatusIncident, touchesApi } from '../status/state.ts';
import type { Signal } from './alert.ts';

/** What the health model says: a state is trouble until it is healthy again. The first good sign is neither. */
export function healthSignal({ route, to, why }: HealthChange): Signal | null {
  if (to === 'recovering') return null;
  return {
    kind: 'health',
    subject: `health ${route}`,
    state: to,
    text: why,
    link: null,
    level: to === 'down' ? 'critical' : to === 'degraded' ? 'warning' : 'ok',
    title: to === 'healthy' ? `${route} is healthy again` : `${route} is ${to}`,
  };
}

/** A breaker that opens is trouble, one that closes its end; what is half-open is neither. */
export function breakerSignal({ route, state }: BreakerEvent): Signal | null {
  if (state === 'half-open') return null;
  const isOpen = state === 'open';
  return {
    kind: 'breaker',
    subject: `breaker ${route}`,
    level: isOpen ? 'warning' : 'ok',
    state,
    link: null,
    title: isOpen ? `The circuit breaker of ${route} is open` : `The circuit breaker of ${route} is closed again`,
    text: isOpen ? 'Calls wait for it or take another route; one probe at a time finds out when it is back.' : '',
  };
}

/**
 * A spend limit is the account's, and nothing but money or time mends it: the first error opens the
 * alert, the first success with the same key ends it. What fails otherwise says nothing about it.
 */
export function spendingSignal({ upstream, credential, failure, aborted }: AttemptEvent): Signal | null {
  const isLimit = failure === 'spend-limit';
  if (!isLimit && (failure !== null || aborted)) return null;
  return {
    kind: 'spending',
    subject: `spending ${upstream} ${credential}`,
    link: null,
    level: isLimit ? 'critical' : 'ok',
    state: isLimit ? 'reached' : 'well',
    title: isLimit ? `A spend limit is reached at ${upstream}` : `${upstream} answers again after a spend limit`,
    text: isLimit
      ? 'Calls fail until it is raised or credit is bought: see the billing page of the Claude Console.'
      : '',
  };
}

/** Incidents that concern the API, and maintenances while they are under way; null for everything else that is new. */
export function statusSignal(change: StatusChange): Signal | null {
  if (change.kind === 'component' || !touchesApi(change.incident)) return null;
  const { incident } = change;
  const { id, name, status, updatedAtMs, text, link } = incident;
  return {
    kind: 'incident',
    subject: `incident ${id}`,
    level: levelOf(incident),
    text,
    link,
    state: `${status} ${updatedAtMs}`,
    title: `${incident.kind === 'incident' ? 'Incident' : 'Maintenance'} ${status.replaceAll('_', ' ')}: ${name}`,
  };
}

function levelOf(incident: StatusIncident): Signal['level'] {
  if (isOver(incident) || incident.status === 'scheduled') return 'ok';
  return incident.impact === 'major' || incident.impact === 'critical' ? 'critical' : 'warning';
}

/**
 * The oldest item that waits in the queue.
 * @param ageMs null: none waits
 * @param ageMsMax from this age on it is trouble
 */
export function queueSignal(ageMs: number | null, ageMsMax: number): Signal {
  const isOld = ageMs !== null && ageMs >= ageMsMax;
  return {
    kind: 'queue',
    subject: 'queue age',
    level: isOld ? 'warning' : 'ok',
    state: isOld ? 'old' : 'well',
    link: null,
    title: isOld
      ? `The oldest request in the queue has waited ${span(ageMs)}`
      : 'Nothing in the queue waits too long any more',
    text: isOld ? '`ridethrough queue list` shows what waits, and for what.' : '',
  };
}
