import { RidethroughError } from '../../core/errors.ts';
import { listItems } from '../../queue/office.ts';
import { type ItemState, itemStates } from '../../queue/queue.ts';
import { dataOptions, jsonOption } from '../args.ts';
import { defineCommand, noOperands } from '../command.ts';
import { withLedgerStore } from '../ledger/open-ledger-store.ts';
import { print } from '../output.ts';
import { itemJson, itemLines } from '../queue/item-view.ts';

function stateOf(given: string | undefined): ItemState | null {
  const state = itemStates.find((each) => each === given);
  if (given !== undefined && state === undefined) {
    throw new RidethroughError('invalid_usage', `--state wants one of ${itemStates.join(', ')}, not "${given}".`);
  }
  return state ?? null;
}

export const command = defineCommand({
  name: 'queue list',
  options: {
    state: { kind: 'text', value: 'STATE', about: 'only those in this state' },
    batch: { kind: 'text', value: 'ID', about: 'only those of a batch' },
    limit: { kind: 'whole', value: 'N', about: 'at most so many', min: 1, max: 10_000, default: 20 },
    json: jsonOption,
    ...dataOptions,
  },
  operands: noOperands,
  details: `STATE is ${itemStates.slice(0, -1).join(', ')}
or ${itemStates.at(-1)}. Newest first; n is the number of attempts.
It reads the queue whether a gateway runs or not.`,
  async run({ options }) {
    const filter = { id: options.batch ?? null, state: stateOf(options.state), limit: options.limit };
    const items = await withLedgerStore(options, (store) => listItems(store, filter));
    const isAll = filter.id === null && filter.state === null;
    print(options.json ? JSON.stringify(items.map(itemJson), null, 2) : itemLines(items, isAll).join('\n'));
    return 0;
  },
});
