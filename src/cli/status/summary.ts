import { clean } from '../text.ts';
import type { StatusReport } from './report.ts';

/** Everything that is worth a line of a log when it changes: words, no figures that move by themselves. */
export function summaryLine({ verdict, routes, queue, page }: StatusReport): string {
  const parts: string[] = verdict === null ? [] : [verdict.fault];
  for (const { route, state, breaker } of routes) {
    if (state !== null && state !== 'healthy') parts.push(`${route} ${state}`);
    if (breaker !== 'closed') parts.push(`${route} breaker ${breaker}`);
  }
  if (queue !== null && queue.waiting > 0) parts.push('requests wait in the queue');
  for (const { name, status } of page?.incidents ?? []) parts.push(`incident ${status}: ${name}`);
  return clean(parts.length === 0 ? 'nothing is wrong' : parts.join('; '));
}
