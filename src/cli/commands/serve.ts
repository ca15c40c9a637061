import { defaultConfigPath, loadConfig } from '../../config/load.ts';
import { watchConfig } from '../../config/watch.ts';
import { systemClock } from '../../core/clock.ts';
import type { RidethroughError } from '../../core/errors.ts';
import { systemRandom } from '../../core/random.ts';
import { startGateway } from '../../gateway/server.ts';
import { portOption } from '../args.ts';
import { defineCommand, noOperands } from '../command.ts';
import { engineFactory } from '../engine.ts';
import { defaultPort } from '../environment.ts';
import { note, print } from '../output.ts';
import { endSignal, serverStatus } from '../signals.ts';
import { Watching } from '../status/watching.ts';

export const command = defineCommand({
  name: 'serve',
  options: {
    host: { kind: 'text', value: 'HOST', about: 'address to listen on', default: '127.0.0.1' },
    port: portOption(defaultPort),
    upstream: { kind: 'text', value: 'URL|NAME', about: 'where calls go (default what the configuration says)' },
    config: { kind: 'text', value: 'FILE', about: 'configuration file (default that of your user folder, if any)' },
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
    const watching = new Watching(config, {
      clock: systemClock,
      random: systemRandom,
      terminal: process.stderr,
      report: (sentence) => note(`ridethrough: ${sentence}`),
      parts: { health: () => new Map(), verdict: async () => null, queue: async () => null },
    });
    const createEngine = engineFactory();
    const gateway = await startGateway({
      host: options.host,
      port: options.port,
      config,
      createEngine: (given, observer) => watching.serveBy(createEngine(given, observer)),
      observers: [watching.observer],
      endpoints: watching.endpoints,
    });
    await watching.use(config);
    const stopWatching = watchConfig({
      path: path ?? defaultConfigPath(process.env),
      clock: systemClock,
      load,
      onConfig: (next) => {
        const taken = gateway.reload(next).then(() => watching.use(next));
        taken.then(() => note('ridethrough: the new configuration is in force.'), refused);
      },
      onError: refused,
    });
    print(`ridethrough is listening on ${gateway.url} → ${config.upstream.url}`);
    const signal = await ended;
    stopWatching();
    await gateway.close();
    await watching.close();
    return serverStatus(signal);
  },
});
