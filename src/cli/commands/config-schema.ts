import { configJsonSchema } from '../../config/json-schema.ts';
import { jsonOption } from '../args.ts';
import { defineCommand, noOperands } from '../command.ts';
import { print } from '../output.ts';

export const command = defineCommand({
  name: 'config schema',
  // It is JSON either way; a script that says `--json` to every command is not wrong.
  options: { json: jsonOption },
  operands: noOperands,
  details: 'Give it to your editor, for completion and checks while you type.',
  async run() {
    print(JSON.stringify(configJsonSchema(), null, 2));
    return 0;
  },
});
