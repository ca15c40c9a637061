import { listItems } from '../../queue/office.ts';
import type { Store } from '../../store/store.ts';
import { dataOptions, jsonOption } from '../args.ts';
import { type Command, defineCommand } from '../command.ts';
import { withLedgerStore } from '../ledger/open-ledger-store.ts';
import { note, print } from '../output.ts';

/** Said of an id that is nobody's. */
export function unknownId(id: string): string {
  return `the queue has nothing with the id ${id}; \`ridethrough queue list\` shows what it has.`;
}

/** A command of the queue that does one thing to whatever its ids name. */
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
      const { counts, reasons } = await withLedgerStore(options, async (store) => {
        const counts: [string, number][] = [];
        const reasons: string[] = [];
        for (const id of operands) {
          const count = await act(store, id);
          counts.push([id, count]);
          if (count === 0) reasons.push(await whyNone(store, id, done));
        }
        return { counts, reasons };
      });
      if (options.json) print(JSON.stringify(Object.fromEntries(counts)));
      else for (const [id, count] of counts) print(`${id}: ${count} ${done}`);
      for (const reason of reasons) note(`ridethrough: ${reason}`);
      return reasons.length === 0 ? 0 : 1;
    },
  });
}

async function whyNone(store: Store, id: string, done: string): Promise<string> {
  const [known] = await listItems(store, { id, state: null, limit: 1 });
  return known === undefined
    ? unknownId(id)
    : `nothing under ${id} could be ${done}; \`ridethrough queue show ${id}\` says why.`;
}
