import type { Config } from '../config/config.ts';
import { systemClock } from '../core/clock.ts';
import { systemRandom } from '../core/random.ts';
import { startGateway } from '../gateway/server.ts';
import { keepCallsYoung } from './garbage.ts';
import { inTurn } from './in-turn.ts';
import { note } from './output.ts';
import { openServices } from './services.ts';

export interface ServedOptions {
  readonly config: Config;
  readonly host?: string;
  readonly port: number;
  /** See `ServiceOptions`. */
  readonly data: string | undefined;
  readonly database: string | undefined;
}

/** A gateway with all its services, as `serve` and `run` have it. */
export interface ServedGateway {
  readonly url: string;
  /**
   * Configurations are taken over one after another, so that the newest wins, however long another's checks take.
   * @throws RidethroughError when the configuration is refused; then the old one stays in force
   */
  reload(config: Config): Promise<void>;
  close(): Promise<void>;
}

/** Opens what is kept, then the door. @throws RidethroughError as `openServices` and `startGateway` do */
export async function startServedGateway(options: ServedOptions): Promise<ServedGateway> {
  keepCallsYoung();
  const services = await openServices({
    ...options,
    env: process.env,
    clock: systemClock,
    random: systemRandom,
    terminal: process.stderr,
    report: (sentence) => note(`ridethrough: ${sentence}`),
  });
  try {
    const gateway = await startGateway({ ...options, ...services.door });
    await services.use(options.config);
    return {
      url: gateway.url,
      reload: inTurn(async (config) => {
        await gateway.reload(config);
        await services.use(config);
      }),
      async close() {
        services.drain();
        await gateway.close();
        await services.close();
      },
    };
  } catch (error) {
    await services.close();
    throw error;
  }
}
