import { existsSync } from 'node:fs';
import { defaultConfigPath, loadConfig } from '../../config/load.ts';
import { defineCommand } from '../command.ts';
import { print } from '../output.ts';

export const command = defineCommand({
  name: 'config check',
  options: {},
  operands: { usage: '[FILE]', min: 0, max: 1 },
  details:
    'Without FILE it looks at the file in your user folder for configuration.\n' +
    'Environment variables that the file names must be set, as they must be for `serve`.',
  async run({ operands }) {
    const [path = null] = operands;
    const file = path ?? defaultConfigPath(process.env);
    // Without a file the environment is still read, and may hold what is wrong.
    loadConfig({ path, upstream: null, env: process.env });
    if (existsSync(file)) print(`${file} is valid`);
    else print(`there is no ${file}, which is fine: every setting has a default`);
    return 0;
  },
});
