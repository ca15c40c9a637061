import { RidethroughError } from '../../core/errors.ts';
import { purgeBatches } from '../../queue/office.ts';
import { dataOptions, jsonOption } from '../args.ts';
import { defineCommand } from '../command.ts';
import { withLedgerStore } from '../ledger/open-ledger-store.ts';
import { print } from '../output.ts';

export const command = defineCommand({
  name: 'queue purge',
  options: { all: { kind: 'switch', about: 'every batch that has ended' }, json: jsonOption, ...dataOptions },
  operands: { usage: '[ID…]', min: 0, max: 1_000 },
  details: 'Deletes ended batches with their requests and results, before their retention is over.',
  async run({ options, operands }) {
    if (options.all === operands.length > 0) {
      throw new RidethroughError(
        'invalid_usage',
        'Name the batches to purge, or say --all for every one that has ended.',
      );
    }
    const purged = await withLedgerStore(options, async (store) => {
      let count = 0;
      for (const id of options.all ? [null] : operands) count += await purgeBatches(store, id);
      return count;
    });
    print(options.json ? JSON.stringify({ purged }) : `${purged} ${purged === 1 ? 'batch' : 'batches'} purged`);
    return options.all || purged === operands.length ? 0 : 1;
  },
});
