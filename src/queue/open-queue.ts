import type { Call } from '../core/call.ts';
import type { Clock } from '../core/clock.ts';
import { RidethroughError } from '../core/errors.ts';
import type { Observer } from '../core/events.ts';
import type { Figure } from '../core/figure.ts';
import type { QueueSettings } from '../core/limits.ts';
import type { Random } from '../core/random.ts';
import type { Engine, ScoutedEngine } from '../engine/engine.ts';
import type { Keeper } from '../engine/keeper.ts';
import type { Store } from '../store/store.ts';
import { StoreDesk } from './desk.ts';
import { Dispatcher } from './dispatcher.ts';
import { Drain } from './drain.ts';
import { loadKey } from './key-file.ts';
import { type Doors, Keyring } from './keyring.ts';
import { Leases } from './leases.ts';
import type { Desk } from './queue.ts';
import { queueKeeper } from './queue-keeper.ts';
import { Tally } from './tally.ts';
import { claimKey, endBatches } from './upkeep.ts';
import { Usage } from './usage.ts';
import { Vault } from './vault.ts';

export interface QueueOptions {
  /** Open, with its schema up to date. It is closed by whoever opened it, after the queue. */
  readonly store: Store;
  /** The data folder, where the key file stands; with Postgres too. */
  readonly data: string;
  readonly clock: Clock;
  readonly random: Random;
}

/** What follows from one configuration; a reload brings another. */
export interface QueueConfig {
  readonly settings: QueueSettings;
  readonly doors: Doors;
}

/** The queue of one gateway. */
export interface Queue {
  readonly desk: Desk;
  readonly keyring: Keyring;
  readonly vault: Vault;
  /** For `createEngine`: keeps calls whose callers want that. */
  readonly keeper: Keeper;
  /** For `createEngine`: attempts set the pace of the drain. */
  readonly observer: Observer;
  readonly figures: readonly Figure[];
  /**
   * Takes a configuration and its engine into use: sends with it from now on.
   * @returns the engine for the gateway, which remembers the credentials that call
   */
  use(engine: ScoutedEngine, config: QueueConfig): Engine;
  /**
   * Sends nothing new, lets what is under way end within the engine's drain time, and gives back the
   * rest. To be called when the gateway closes, not after it. May be called twice.
   */
  stop(): Promise<void>;
}

/**
 * Opens the queue on a store.
 * @param onEnded batches have ended: there may be notices to send. Called often, and must not throw
 * @throws RidethroughError `unreadable_file` for the key file, `unusable_store` for a database of another key; StoreError
 */
export async function openQueue(
  { store, data, clock, random }: QueueOptions,
  config: QueueConfig,
  onEnded: () => void = () => {},
): Promise<Queue> {
  const vault = new Vault(loadKey(data));
  if (!(await claimKey(store, vault.fingerprint))) throw foreignKey(data);
  let { settings } = config;
  const keyring = new Keyring(vault);
  keyring.doors = config.doors;
  const tally = new Tally();
  const leases = new Leases(store, random.id());
  const desk = new StoreDesk(store, vault, new Usage(store, clock, () => settings), tally, clock);
  const drain = new Drain({
    leases,
    vault,
    keyring,
    clock,
    random,
    tally,
    settings: () => settings,
    onEnded: (batchId) => {
      // Where this fails the dispatcher finds the batch later.
      endBatches(store, batchId).then(
        (ended) => (ended.length > 0 ? onEnded() : undefined),
        () => {},
      );
    },
    onRoom: () => dispatcher.wake(),
  });
  const dispatcher = new Dispatcher({ store, leases, drain, clock, tally, onEnded, settings: () => settings });
  let stopped: Promise<void> | null = null;
  return {
    desk,
    keyring,
    vault,
    keeper: queueKeeper(desk, keyring, () => settings),
    observer: { attempt: (event) => drain.observe(event) },
    figures: tally.figures,
    use(engine, next) {
      settings = next.settings;
      keyring.doors = next.doors;
      dispatcher.use(engine);
      const handle = (call: Call, reply: Parameters<Engine['handle']>[1]) => {
        if (keyring.remember(call.caller)) dispatcher.wake();
        return engine.handle(call, reply);
      };
      return { ...engine, handle };
    },
    stop: () => (stopped ??= dispatcher.stop()),
  };
}

function foreignKey(data: string): RidethroughError {
  return new RidethroughError(
    'unusable_store',
    `The database was used with another queue.key than the one in ${data}: put that file there (every gateway of one database has the same), or name the folder that has it with --data.`,
  );
}
