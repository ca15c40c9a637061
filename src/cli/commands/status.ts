import { systemClock } from '../../core/clock.ts';
import { jsonOption } from '../args.ts';
import { defineCommand, noOperands } from '../command.ts';
import { addressOf, urlOption } from '../gateway-url.ts';
import { canRedraw, note, paint, print } from '../output.ts';
import { abortOnEnd, statusOf } from '../signals.ts';
import { askStatus } from '../status/ask.ts';
import { viewLines } from '../status/view.ts';
import { watchInLines, watchOnTerminal } from '../status/watch.ts';

export const command = defineCommand({
  name: 'status',
  options: { watch: { kind: 'switch', about: 'go on showing it, until Ctrl-C' }, url: urlOption, json: jsonOption },
  operands: noOperands,
  details:
    'Asks a running gateway how it stands: whose fault it is, every route, the queue, the status page.\n' +
    'Off loopback it shows the gateway the token in RIDETHROUGH_ADMIN_TOKEN.',
  async run({ options }) {
    const url = addressOf(options.url);
    const { env, stdout } = process;
    const asked = await askStatus(url, env, systemClock);
    if ('problem' in asked) {
      note(`ridethrough: ${asked.problem}`);
      return 1;
    }
    if (!options.watch) {
      const lines = () => viewLines(asked.report, { url, columns: stdout.columns || 80, rows: Infinity, paint });
      print(options.json ? JSON.stringify(asked.report, null, 2) : lines().join('\n'));
      return 0;
    }
    const { signal, ended } = abortOnEnd();
    const watch = { url, env, clock: systemClock, signal };
    if (canRedraw(stdout) && !options.json) await watchOnTerminal(asked.report, watch, stdout);
    else await watchInLines(asked.report, watch, options.json);
    return statusOf(await ended);
  },
});
