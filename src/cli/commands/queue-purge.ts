import { RidethroughError } from '../../core/errors.ts';
import { purgeBatches } from '../../queue/office.ts';
import { dataOptions, jsonOption } from '../args.ts';
import { defineCommand } from '../command.ts';
import { withLedgerStore } from '../ledger/open-ledger-store.ts';
import { note, print } from '../output.ts';

export const command = defineCommand({
  name: 'queue purge',
  options: { all: { kind: 'switch', about: 'every batch that has ended' }, json: jsonOption, ...dataOptions },
  operands: { usage: '[ID…]', min: 0, max: 1_000 },
  details: `ID is that of a batch (msgbatch_rt_…).
Deletes ended batches with their requests and results, before their retention is over.`,
  async run({ options, operands }) {
    if (options.all === operands.length > 0) {
      throw new RidethroughError(
        'invalid_usage',
        'Name the batches to purge, or say --all for every one that has ended.',
      );
    }
    const counts = await withLedgerStore(options, async (store) => {
      const each: [string | null, number][] = [];
      for (const id of options.all ? [null] : operands) each.push([id, await purgeBatches(store, id)]);
      return each;
    });
    const purged = counts.reduce((sum, [, count]) => sum + count, 0);
    print(options.json ? JSON.stringify({ purged }) : `${purged} ${purged === 1 ? 'batch' : 'batches'} purged`);
    const missed = options.all ? undefined : counts.find(([, count]) => count === 0);
    if (missed === undefined) return 0;
    note(
      `ridethrough: ${missed[0]} is no batch that has ended; \`ridethrough queue show ${missed[0]}\` says what it is.`,
    );
    return 1;
  },
});
