import { DeliveryError } from '../../alerts/courier.ts';
import { sampleNotices } from '../../alerts/samples.ts';
import { createTargets } from '../../alerts/targets.ts';
import { loadConfig } from '../../config/load.ts';
import { systemClock } from '../../core/clock.ts';
import { RidethroughError } from '../../core/errors.ts';
import { systemRandom } from '../../core/random.ts';
import { configOption, jsonOption } from '../args.ts';
import { defineCommand, noOperands } from '../command.ts';
import { note, paint, print } from '../output.ts';

/** What became of one message. */
interface Delivery {
  readonly target: string;
  readonly message: string;
  readonly delivered: boolean;
  readonly totalMs: number;
  /** Why it was not delivered; null where it was. */
  readonly reason: string | null;
}

export const command = defineCommand({
  name: 'alerts test',
  options: {
    config: configOption,
    json: jsonOption,
  },
  operands: noOperands,
  details:
    'Sends three messages to each target that the configuration names: alerts that are new, updated and\n' +
    'resolved. Each is tried once. Exit status 1 means that one was not delivered.',
  async run({ options }) {
    const config = loadConfig({ path: options.config ?? null, upstream: null, env: process.env });
    const targets = await createTargets(config.alerts, { clock: systemClock, terminal: process.stderr });
    if (targets.length === 0) {
      throw new RidethroughError(
        'invalid_usage',
        'Nobody is to be alerted: name a target under "alerts" in the configuration.',
      );
    }
    const deliveries: Delivery[] = [];
    const tell = (delivery: Delivery) => {
      deliveries.push(delivery);
      if (!options.json) print(lineOf(delivery));
    };
    for (const target of targets) {
      for (const notice of sampleNotices(`test_${systemRandom.id()}`, systemClock.now())) {
        const startedAtMs = systemClock.now();
        const reason = await target.send(notice).then(() => null, reasonOf);
        const totalMs = Math.round(systemClock.now() - startedAtMs);
        const message = notice.lines[0]?.change ?? '';
        tell({ target: target.name, message, delivered: reason === null, totalMs, reason });
      }
      target.close();
    }
    if (options.json) print(JSON.stringify(deliveries, null, 2));
    const failed = deliveries.filter(({ delivered }) => !delivered).length;
    if (failed > 0) note(`ridethrough: ${failed} of ${deliveries.length} messages were not delivered.`);
    return failed === 0 ? 0 : 1;
  },
});

function lineOf({ target, message, totalMs, reason }: Delivery): string {
  const fate = reason === null ? paint('green', 'delivered') : paint('red', `not delivered: ${reason}`);
  return `${target.padEnd(8)} ${message.padEnd(8)} ${fate} (${totalMs} ms)`;
}

function reasonOf(error: unknown): string {
  if (error instanceof DeliveryError) return error.message;
  throw error;
}
