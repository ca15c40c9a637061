import { defaultConfigPath, loadConfig } from '../../config/load.ts';
import { watchConfig } from '../../config/watch.ts';
import { systemClock } from '../../core/clock.ts';
import type { RidethroughError } from '../../core/errors.ts';
import { defaultPort } from '../../core/limits.ts';
import { configOption, dataOptions, portOption } from '../args.ts';
import { defineCommand, noOperands } from '../command.ts';
import { note, print } from '../output.ts';
import { startServedGateway } from '../served-gateway.ts';
import { endSignal, serverStatus } from '../signals.ts';

export const command = defineCommand({
  name: 'serve',
  options: {
    host: { kind: 'text', value: 'HOST', about: 'address to listen on', default: '127.0.0.1' },
    port: portOption(defaultPort),
    upstream: { kind: 'text', value: 'URL|NAME', about: 'where calls go (default what the configuration says)' },
    ...dataOptions,
    config: configOption,
  },
  operands: noOperands,
  details:
    'Point clients to it: ANTHROPIC_BASE_URL=http://127.0.0.1:4141. It ignores that variable itself.\n' +
    'SIGTERM and Ctrl-C drain it; SIGHUP and any change of the file reload the configuration.',
  async run({ options }) {
    const path = options.config ?? null;
    const load = () => loadConfig({ path, upstream: options.upstream ?? null, env: process.env });
    const config = load();
    const refused = (error: RidethroughError) =>
      note(`ridethrough: the configuration stays as it was. ${error.message}`);
    const ended = endSignal();
    const { host, port, data, database } = options;
    const gateway = await startServedGateway({ config, host, port, data, database });
    const stopWatching = watchConfig({
      path: path ?? defaultConfigPath(process.env),
      clock: systemClock,
      load,
      onConfig: (next) => {
        gateway.reload(next).then(() => note('ridethrough: the new configuration is in force.'), refused);
      },
      onError: refused,
    });
    print(`ridethrough is listening on ${gateway.url} → ${config.upstream.url}`);
    const signal = await ended;
    stopWatching();
    await gateway.close();
    return serverStatus(signal);
  },
});
