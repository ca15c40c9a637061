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
    loadConfig({ path, upstream: null, env: process.env });
    print(`${path ?? defaultConfigPath(process.env)} is valid`);
    return 0;
  },
});
