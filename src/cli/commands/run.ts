import { loadConfig } from '../../config/load.ts';
import { configOption, dataOptions, portOption } from '../args.ts';
import { runChild } from '../child.ts';
import { defineCommand } from '../command.ts';
import { upstreamFromEnvironment } from '../environment.ts';
import { startServedGateway } from '../served-gateway.ts';

export const command = defineCommand({
  name: 'run',
  options: {
    port: portOption(0),
    upstream: {
      kind: 'text',
      value: 'URL|NAME',
      about: 'where calls go (default ANTHROPIC_BASE_URL, else the configuration)',
    },
    ...dataOptions,
    config: configOption,
  },
  operands: { usage: '-- COMMAND…', min: 1, max: Number.POSITIVE_INFINITY },
  details:
    'The command gets ANTHROPIC_BASE_URL set to a gateway that ends when it ends. Its exit status is ours:\n' +
    '128 + n if signal n ended it, 127 if there is no such command. Example: ridethrough run -- claude',
  async run({ options, operands }) {
    const upstream = options.upstream ?? upstreamFromEnvironment(process.env, options.port);
    const upstreamFrom = options.upstream === undefined ? 'ANTHROPIC_BASE_URL' : '--upstream';
    const config = loadConfig({ path: options.config ?? null, upstream, upstreamFrom, env: process.env });
    const { port, data, database } = options;
    const gateway = await startServedGateway({ config, port, data, database });
    const status = await runChild(operands, { ...process.env, ANTHROPIC_BASE_URL: gateway.url });
    await gateway.close();
    return status;
  },
});
