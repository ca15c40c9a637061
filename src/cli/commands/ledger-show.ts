import { showCall } from '../../ledger/query.ts';
import { dataOptions, jsonOption } from '../args.ts';
import { defineCommand } from '../command.ts';
import { withLedgerStore } from '../ledger/open-ledger-store.ts';
import { showLines, unknownCall } from '../ledger/show-view.ts';
import { note, print } from '../output.ts';

export const command = defineCommand({
  name: 'ledger show',
  options: { json: jsonOption, ...dataOptions },
  operands: { usage: 'ID', min: 1, max: 1 },
  details: 'ID is a ridethrough-id, or any request-id that the API gave one of its attempts.',
  async run({ options, operands: [id = ''] }) {
    const story = await withLedgerStore(options, (store) => showCall(store, id));
    if (story === null) {
      note(`ridethrough: ${unknownCall(id)}`);
      return 1;
    }
    print(options.json ? JSON.stringify(story, null, 2) : showLines(story).join('\n'));
    return 0;
  },
});
