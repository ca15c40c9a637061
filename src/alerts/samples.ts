import type { AlertKind, AlertLine, Notice } from './alert.ts';

const titles: Readonly<Record<AlertKind, readonly [trouble: string, end: string]>> = {
  health: ['anthropic/example-model is down', 'anthropic/example-model is healthy again'],
  incident: ['Incident investigating: an example', 'Incident resolved: an example'],
  breaker: ['The circuit breaker of anthropic/example-model is open', 'The circuit breaker is closed again'],
  queue: ['The oldest request in the queue has waited 60 min', 'Nothing in the queue waits too long any more'],
  spending: ['A spend limit is reached at anthropic', 'anthropic answers again after a spend limit'],
};

/** One notice of each kind: new, updated, resolved; the first and the last with one alert about each kind of subject. */
export function sampleNotices(id: string, nowMs: number): Notice[] {
  const kinds = Object.keys(titles) as AlertKind[];
  const line = (kind: AlertKind, change: AlertLine['change']): AlertLine => ({
    kind,
    change,
    subject: `test ${kind}`,
    level: 'warning',
    state: 'test',
    sinceMs: nowMs,
    link: null,
    title: titles[kind][change === 'resolved' ? 1 : 0],
    text: 'This is a test by `ridethrough alerts test`: nothing is wrong.',
  });
  const notice = (change: AlertLine['change'], about: readonly AlertKind[]): Notice => ({
    id: `${id}_${change}`,
    atMs: nowMs,
    omitted: 0,
    lines: about.map((kind) => line(kind, change)),
  });
  return [notice('opened', kinds), notice('updated', ['incident']), notice('resolved', kinds)];
}
