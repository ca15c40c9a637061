import { createHmac } from 'node:crypto';
import type { Config, Environment } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { OwnEndpoint } from '../core/endpoint.ts';
import { RidethroughError } from '../core/errors.ts';
import type { Observer } from '../core/events.ts';
import type { Figure } from '../core/figure.ts';
import type { Random } from '../core/random.ts';
import { diagnosisEndpoint } from '../diagnosis/endpoint.ts';
import type { Engine, ScoutedEngine } from '../engine/engine.ts';
import { HealthModel } from '../health/model.ts';
import { openLedger } from '../ledger/ledger.ts';
import { loadKey } from '../queue/key-file.ts';
import { readStanding } from '../queue/standing.ts';
import { defaultDataFolder } from '../store/data-folder.ts';
import { openStore } from '../store/open.ts';
import { type Store, StoreError } from '../store/store.ts';
import { LiveDiagnosis } from './diagnosis/live.ts';
import { engineFactory } from './engine.ts';
import { openQueueServices, type QueueServices } from './queue-service.ts';
import { Watching } from './status/watching.ts';

/** A part of the product that runs beside the engine of a gateway. */
export interface Service {
  readonly observers?: readonly Observer[];
  readonly endpoints?: readonly OwnEndpoint[];
  readonly figures?: readonly Figure[];
  /**
   * An engine serves from now on: at the start, and at each reload.
   * @param core the engine itself, around which others may have put something
   * @returns the engine, or one around it
   */
  serveBy?(engine: Engine, config: Config, core: ScoutedEngine): Engine;
  /** A configuration is in force: when the gateway has begun to accept calls, and at each reload. */
  use?(config: Config): void | Promise<void>;
  /** The gateway begins to close: nothing new is to be begun. */
  drain?(): void;
  /** Ends what runs. The store is still open, and the gateway serves no calls any more. */
  close?(): Promise<void>;
}

export interface ServiceOptions {
  readonly config: Config;
  /** `--data`; undefined: the user's data folder. */
  readonly data: string | undefined;
  /** `--database`; undefined: a file in the data folder. */
  readonly database: string | undefined;
  readonly env: Environment;
  readonly clock: Clock;
  readonly random: Random;
  /** Where alerts ring. */
  readonly terminal: NodeJS.WriteStream;
  /** Takes a sentence for people about what goes wrong beside the calls. */
  readonly report: (sentence: string) => void;
}

/** Everything that `serve` and `run` have beside the door itself. */
export interface Services {
  /** For `startGateway`. */
  readonly door: {
    readonly createEngine: (config: Config, observer: Observer) => Engine;
    /** Ids of credentials are made with it: the same on this machine for ever, and on no other. */
    readonly salt: string;
    readonly observers: readonly Observer[];
    readonly endpoints: readonly OwnEndpoint[];
    readonly figures: readonly Figure[];
  };
  use(config: Config): Promise<void>;
  /** To be called when the gateway begins to close. */
  drain(): void;
  /** To be called when the gateway has closed, or could not be started. */
  close(): Promise<void>;
}

/** What is kept on this machine: the store, and the salt of its ids. */
interface Kept {
  readonly store: Store;
  readonly salt: string;
  readonly queue: QueueServices;
}

/**
 * Opens the store and what lives on it. Callers are served without, with a sentence about it, where
 * the user's own data folder cannot be used; a place that was named must be usable.
 * @throws RidethroughError `unusable_store`, `unreadable_file`, `invalid_usage`
 */
export async function openServices(options: ServiceOptions): Promise<Services> {
  const kept = await openKept(options);
  const salt = kept?.salt ?? options.random.id();
  const services: readonly Service[] = [
    ...(kept === null ? [] : [ledgerService(kept.store, options), ...kept.queue.services]),
    watching(options, kept),
  ];
  const createEngine = engineFactory(salt, kept?.queue.queue.keeper);
  return {
    door: {
      createEngine(config, observer) {
        const core = createEngine(config, observer);
        return services.reduce<Engine>((engine, service) => service.serveBy?.(engine, config, core) ?? engine, core);
      },
      salt,
      observers: services.flatMap((service) => service.observers ?? []),
      endpoints: services.flatMap((service) => service.endpoints ?? []),
      figures: services.flatMap((service) => service.figures ?? []),
    },
    async use(config) {
      for (const service of services) await service.use?.(config);
    },
    drain() {
      for (const service of services) service.drain?.();
    },
    async close() {
      for (const service of services.toReversed()) await service.close?.();
      await kept?.store.close();
    },
  };
}

async function openKept(options: ServiceOptions): Promise<Kept | null> {
  const { data, database, env, clock, report } = options;
  const folder = data ?? defaultDataFolder(env);
  try {
    const store = await openStore({ data: folder, database: database ?? null, clock });
    try {
      const queue = await openQueueServices({ ...options, store, data: folder });
      return { store, salt: saltOf(folder), queue };
    } catch (error) {
      await store.close();
      throw error;
    }
  } catch (cause) {
    const error = cause instanceof StoreError ? unusable(cause) : cause;
    const wasNamed = data !== undefined || database !== undefined;
    if (wasNamed || !(error instanceof RidethroughError)) throw error;
    report(`${error.message} Calls are served, but nothing is recorded or queued.`);
    return null;
  }
}

/** A database that opens, and fails when it is first used: locked, or without one of its tables. */
function unusable(cause: StoreError): RidethroughError {
  return new RidethroughError('unusable_store', `The database cannot be used. ${cause.message}`, { cause });
}

function saltOf(folder: string): string {
  return createHmac('sha256', loadKey(folder)).update('ids of credentials').digest('hex');
}

function ledgerService(store: Store, { config, clock, report }: ServiceOptions): Service {
  const ledger = openLedger({ store, clock, retention: config.ledger, alarm: report });
  const { observers, endpoints, figures } = ledger;
  return {
    observers,
    endpoints,
    figures,
    use: (next) => ledger.retain(next.ledger),
    close: () => ledger.close(),
  };
}

function watching(options: ServiceOptions, kept: Kept | null): Service {
  const queue = async () => (kept === null ? null : await readStanding(kept.store));
  const health = new HealthModel((change) => service.healthChanged(change));
  const diagnosis = new LiveDiagnosis(health, options.clock, options.config, () => service.page);
  const verdict = async () => diagnosis.now().verdict;
  const parts = { health: () => health.snapshot(options.clock.now()), verdict, queue };
  const service = new Watching(options.config, { ...options, parts });
  return {
    observers: [health, service.observer],
    endpoints: [...service.endpoints, diagnosisEndpoint(() => diagnosis.looked())],
    serveBy: (engine) => service.serveBy(engine),
    use: (config) => {
      diagnosis.use(config);
      return service.use(config);
    },
    close: () => service.close(),
  };
}
