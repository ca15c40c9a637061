import { listCalls } from '../../ledger/query.ts';
import { cursorOf } from '../../ledger/read-filter.ts';
import { dataOptions, jsonOption } from '../args.ts';
import { defineCommand, noOperands } from '../command.ts';
import { filterOf, filterOptions } from '../ledger/filter-options.ts';
import { listLines } from '../ledger/list-view.ts';
import { withLedgerStore } from '../ledger/open-ledger-store.ts';
import { note, print } from '../output.ts';

export const command = defineCommand({
  name: 'ledger list',
  options: {
    ...filterOptions,
    limit: { kind: 'whole', value: 'N', about: 'at most so many', min: 1, max: 1000, default: 20 },
    json: jsonOption,
    ...dataOptions,
  },
  operands: noOperands,
  details: 'Newest first; n is the number of attempts. It reads the ledger whether a gateway runs or not.',
  async run({ options }) {
    const filter = filterOf(options);
    const { calls, next } = await withLedgerStore(options, (store) => listCalls(store, filter, options.limit));
    if (options.json) {
      print(JSON.stringify({ calls, next_cursor: next === null ? null : cursorOf(next) }, null, 2));
      return 0;
    }
    print(listLines(calls).join('\n'));
    if (next !== null) note(`There are more; --limit shows up to 1000, --until ${calls.at(-1)?.at} those before.`);
    return 0;
  },
});
