import { existsSync } from 'node:fs';
import { defaultConfigPath, loadConfig } from '../../config/load.ts';
import { RidethroughError } from '../../core/errors.ts';
import { configOption, jsonOption } from '../args.ts';
import { defineCommand } from '../command.ts';
import { print } from '../output.ts';

export const command = defineCommand({
  name: 'config check',
  options: { config: configOption, json: jsonOption },
  operands: { usage: '[FILE]', min: 0, max: 1 },
  details:
    'FILE may be given as --config too. Without it, it looks at the file in your user folder for configuration.\n' +
    'Environment variables that the file names must be set, as they must be for `serve`.',
  async run({ options, operands }) {
    const [path = options.config ?? null] = operands;
    if (options.config !== undefined && options.config !== path) {
      throw new RidethroughError('invalid_usage', 'Name one file: FILE and --config are two.');
    }
    const file = path ?? defaultConfigPath(process.env);
    // Without a file the environment is still read, and may hold what is wrong.
    loadConfig({ path, upstream: null, env: process.env });
    const found = existsSync(file);
    if (options.json) print(JSON.stringify({ file, found, valid: true }));
    else if (found) print(`${file} is valid`);
    else print(`there is no ${file}, which is fine: every setting has a default`);
    return 0;
  },
});
