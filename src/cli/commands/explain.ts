import { type Explanation, explain } from '../../diagnosis/explanation.ts';
import { promptOf } from '../../diagnosis/prompt.ts';
import { showCall } from '../../ledger/query.ts';
import { defaultDataFolder } from '../../store/data-folder.ts';
import { dataOptions, jsonOption } from '../args.ts';
import { defineCommand } from '../command.ts';
import { keptBody } from '../diagnosis/kept-body.ts';
import { explanationLines } from '../diagnosis/view.ts';
import { withLedgerStore } from '../ledger/open-ledger-store.ts';
import { unknownCall } from '../ledger/show-view.ts';
import { note, paint, print } from '../output.ts';
import { command as send } from './send.ts';

export const command = defineCommand({
  name: 'explain',
  options: {
    prompt: { kind: 'switch', about: 'print a prompt to paste, with the facts filled in' },
    ask: { kind: 'switch', about: 'have Claude explain it: sends those facts, and costs tokens' },
    'include-body': { kind: 'switch', about: 'put the request itself into the prompt, where the queue keeps it' },
    json: jsonOption,
    ...dataOptions,
  },
  operands: { usage: 'ID', min: 1, max: 1 },
  details:
    'ID is a ridethrough-id, or any request-id that the API gave one of its attempts; `ridethrough ledger list`\n' +
    'shows which there are. Neither prompts nor answers are kept of calls; --include-body finds queued ones only.',
  async run({ options, operands: [id = ''] }) {
    const found = await withLedgerStore(options, async (store) => {
      const story = await showCall(store, id);
      if (story === null) return null;
      const explanation = explain(story);
      const folder = options.data ?? defaultDataFolder(process.env);
      const body = options['include-body'] ? await keptBody(store, folder, explanation.id) : null;
      return { explanation, body };
    });
    if (found === null) {
      note(`ridethrough: ${unknownCall(id)}`);
      return 1;
    }
    const { explanation, body } = found;
    if (options['include-body'] && body === null) {
      note('ridethrough: no body is kept of this call: only requests that wait in the queue have one.');
    }
    if (options.ask) return await send.run([options.json ? '--json' : '--stream', '--', promptOf(explanation, body)]);
    if (options.prompt) print(promptOf(explanation, body));
    else print(options.json ? jsonOf(explanation) : explanationLines(explanation, paint).join('\n'));
    return 0;
  },
});

function jsonOf({ steps, ...rest }: Explanation): string {
  return JSON.stringify(
    { ...rest, steps: steps.map(({ entry, ...step }) => ({ ...step, shape: entry?.id ?? null })) },
    null,
    2,
  );
}
