import { listItems } from '../../queue/office.ts';
import { dataOptions, jsonOption } from '../args.ts';
import { defineCommand } from '../command.ts';
import { withLedgerStore } from '../ledger/open-ledger-store.ts';
import { note, print } from '../output.ts';
import { unknownId } from '../queue/act.ts';
import { itemDetails, itemJson, itemLines } from '../queue/item-view.ts';

/** Of a batch with more requests than these, the newest are shown. */
const shownMax = 1_000;

export const command = defineCommand({
  name: 'queue show',
  options: { json: jsonOption, ...dataOptions },
  operands: { usage: 'ID', min: 1, max: 1 },
  details: 'ID is that of a request, whose reason for waiting is told, or that of a batch (msgbatch_rt_…).',
  async run({ options, operands: [id = ''] }) {
    const items = await withLedgerStore(options, (store) => listItems(store, { id, state: null, limit: shownMax }));
    const [only] = items;
    if (only === undefined) {
      note(`ridethrough: ${unknownId(id)}`);
      return 1;
    }
    if (options.json) print(JSON.stringify(items.map(itemJson), null, 2));
    else print((items.length === 1 ? itemDetails(only) : itemLines(items)).join('\n'));
    return 0;
  },
});
