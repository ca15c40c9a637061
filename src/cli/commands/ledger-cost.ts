import { systemClock } from '../../core/clock.ts';
import { failureCosts } from '../../ledger/cost.ts';
import { pricesAsOf } from '../../ledger/prices.ts';
import { readTime } from '../../ledger/read-filter.ts';
import { dataOptions, jsonOption } from '../args.ts';
import { defineCommand, noOperands } from '../command.ts';
import { costLines } from '../ledger/cost-view.ts';
import { withLedgerStore } from '../ledger/open-ledger-store.ts';
import { print } from '../output.ts';

export const command = defineCommand({
  name: 'ledger cost',
  options: {
    since: { kind: 'text', value: 'WHEN', about: 'from then: 24h, 7d, 2026-11-22', default: '7d' },
    until: { kind: 'text', value: 'WHEN', about: 'up to then (default now)' },
    json: jsonOption,
    ...dataOptions,
  },
  operands: noOperands,
  details: 'What was spent on attempts that did not reach a caller, by day, model and class of failure.',
  async run({ options }) {
    const nowMs = systemClock.now();
    const sinceMs = readTime('since', options.since, nowMs);
    const untilMs = options.until === undefined ? nowMs : readTime('until', options.until, nowMs);
    const costs = await withLedgerStore(options, (store) => failureCosts(store, sinceMs, untilMs));
    print(options.json ? JSON.stringify({ prices_as_of: pricesAsOf, costs }, null, 2) : costLines(costs).join('\n'));
    return 0;
  },
});
