import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { configJsonSchema } from '../../config/json-schema.ts';
import { defaultConfigPath } from '../../config/load.ts';
import { codeOf, RidethroughError } from '../../core/errors.ts';
import { jsonOption } from '../args.ts';
import { defineCommand, noOperands } from '../command.ts';
import { exampleConfig } from '../config-example.ts';
import { print } from '../output.ts';

export const command = defineCommand({
  name: 'config init',
  options: {
    path: { kind: 'text', value: 'FILE', about: 'where to write it (default: your user folder for configuration)' },
    json: jsonOption,
  },
  operands: noOperands,
  details: 'A file that is there already is left as it is.',
  async run({ options }) {
    const path = options.path ?? defaultConfigPath(process.env);
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, exampleConfig(configJsonSchema()), { flag: 'wx' });
    } catch (error) {
      const code = codeOf(error);
      const reason =
        code === 'EEXIST'
          ? ': it is there already; edit it, or name another by --path'
          : ` (${code}): check its folder and permissions, or name another by --path`;
      throw new RidethroughError('unreadable_file', `${path} was not written${reason}.`, { cause: error });
    }
    print(options.json ? JSON.stringify({ file: path }) : path);
    return 0;
  },
});
