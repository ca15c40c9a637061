import type { Store } from '../../store/store.ts';
import { dataOptions, jsonOption } from '../args.ts';
import { type Command, defineCommand } from '../command.ts';
import { withLedgerStore } from '../ledger/open-ledger-store.ts';
import { note, print } from '../output.ts';

export interface QueueAction {
  readonly name: string;
  readonly details: string;
  /** What was done to so many: `canceled`. */
  readonly done: string;
  readonly act: (store: Store, id: string) => Promise<number>;
}

/** A command that does something to items, or to whole batches, by their ids. */
export function queueAction({ name, details, done, act }: QueueAction): Command {
  return defineCommand({
    name,
    options: { json: jsonOption, ...dataOptions },
    operands: { usage: 'ID…', min: 1, max: 1_000 },
    details: `ID is that of a request, or that of a batch (msgbatch_rt_…), which means all of it.\n${details}`,
    async run({ options, operands }) {
      const counts = await withLedgerStore(options, async (store) => {
        const each: [string, number][] = [];
        for (const id of operands) each.push([id, await act(store, id)]);
        return each;
      });
      if (options.json) print(JSON.stringify(Object.fromEntries(counts)));
      else for (const [id, count] of counts) print(`${id}: ${count} ${done}`);
      const none = counts.filter(([, count]) => count === 0);
      for (const [id] of none) {
        note(`ridethrough: nothing under ${id} could be ${done}; \`ridethrough queue show ${id}\` says why.`);
      }
      return none.length === 0 ? 0 : 1;
    },
  });
}
