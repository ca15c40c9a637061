import { systemClock } from '../../core/clock.ts';
import type { CallFilter } from '../../ledger/filter.ts';
import { type FilterWords, readFilter } from '../../ledger/read-filter.ts';

const text = (value: string, about: string) => ({ kind: 'text', value, about }) as const;

/** The flags that say which calls are wanted, the same for all commands of the ledger. */
export const filterOptions = {
  since: text('WHEN', 'that came after: 30m, 2h, 7d, 2026-11-22T14:00'),
  until: text('WHEN', 'that came before'),
  status: text('STATUS', 'with this final status: 429, 5xx'),
  class: text('CLASS', 'that met this class of failure: overload, timeout… lost'),
  model: text('MODEL', 'for this model'),
  route: text('ROUTE', 'that ended on this route: anthropic/claude-opus-5-5'),
  result: text('RESULT', 'whole, recovered (by retries and the like), failed, aborted'),
  'request-id': text('ID', "with this id, ours or the API's"),
} as const;

/** @throws RidethroughError `invalid_usage` */
export function filterOf(words: FilterWords): CallFilter {
  return readFilter(words, systemClock.now());
}
