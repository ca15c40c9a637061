import type { Clock } from '../core/clock.ts';
import { routesRememberedMax } from '../core/limits.ts';
import { LruMap } from '../core/lru.ts';
import type { Random } from '../core/random.ts';
import type { Engine } from '../engine/engine.ts';
import { workTopic } from '../queue/desk.ts';
import type { Keyring } from '../queue/keyring.ts';
import { pollMs } from '../queue/limits.ts';
import { Rounds } from '../queue/rounds.ts';
import { endBatches } from '../queue/upkeep.ts';
import type { Vault } from '../queue/vault.ts';
import type { Store } from '../store/store.ts';
import { OffloadErrand } from './offload-errand.ts';
import { fittingOf } from './offload-request.ts';
import { type OffloadShare, OffloadStore } from './offload-store.ts';

export interface OffloadDeps {
  readonly store: Store;
  readonly vault: Vault;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly random: Random;
  /** Batches of the queue have ended: there may be notices to send. Must not throw. */
  readonly onEnded: () => void;
}

/** After its endpoint has failed, a share is left to the drain, for this long at first and doubling. */
const pauseMs = { first: 15_000, largest: 900_000 } as const;

/** A share whose creations have failed is left alone until then. */
interface Pause {
  untilMs: number;
  /** Of the last one; the next is twice as long. */
  delayMs: number;
}

/**
 * Takes queued work to the upstream's Message Batches, at half the price, and brings the results back
 * (R15): what was asked for with `ridethrough-priority: batch`, and what has waited as long as configured.
 * Every step is recorded before the next, and any process goes on where another was killed.
 */
export class Offloader {
  readonly #deps: OffloadDeps;
  readonly #groups: OffloadStore;
  /** By share: random keys must not grow it. */
  readonly #pauses = new LruMap<string, Pause>(routesRememberedMax);
  readonly #rounds: Rounds;
  readonly #unlisten: () => void;
  #engine: Engine | null = null;
  #afterMs: number | null = null;

  constructor(deps: OffloadDeps) {
    this.#deps = deps;
    this.#groups = new OffloadStore(deps.store, deps.random.id());
    this.#rounds = new Rounds(deps.clock, () => this.#once());
    this.#unlisten = deps.store.onHint(workTopic, () => this.wake());
  }

  /**
   * Sends with this engine from now on; the first one sets it going.
   * @param afterSeconds age from which any item may be offloaded; null: only what asks for it
   */
  use(engine: Engine, afterSeconds: number | null): void {
    this.#engine = engine;
    this.#afterMs = afterSeconds === null ? null : afterSeconds * 1000;
    this.wake();
  }

  /** Ids of the upstream's batches that hold queued work now. @throws StoreError */
  batches(): Promise<ReadonlySet<string>> {
    return this.#groups.knownBatches();
  }

  /** There may be something to do. Cheap, and may be called at any time. */
  wake(): void {
    if (this.#engine !== null) this.#rounds.wake();
  }

  /** Ends the step under way; groups are gone on with by whoever comes next. */
  async stop(): Promise<void> {
    this.#unlisten();
    await this.#rounds.stop();
  }

  /** What fails for the database's sake is done again: its leases run out. */
  async #once(): Promise<number> {
    const engine = this.#engine as Engine;
    for (const share of await this.#groups.shares(this.#afterMs)) {
      if (!this.#isPaused(share) && this.#deps.keyring.callerFor(share) !== null) await this.#gather(share);
    }
    while (!this.#rounds.stopped) {
      const group = await this.#groups.claim();
      if (group === null) break;
      const errand = new OffloadErrand(this.#deps, this.#groups, engine, group);
      const end = await errand.step();
      if (end === 'failing') this.#pause(group);
      if (end === 'done') Object.assign(this.#pauseOf(group), unpaused());
      if (end === 'later') continue;
      // What came back finds those who wait for it, and may have been all that a batch waited for.
      if ((await endBatches(this.#deps.store, null)).length > 0) this.#deps.onEnded();
      this.#deps.store.hint(workTopic);
    }
    return pollMs;
  }

  async #gather(share: OffloadShare): Promise<void> {
    const items = await this.#groups.candidates(share, this.#afterMs);
    const { parts, excluded } = fittingOf(this.#deps.vault, items);
    if (excluded.length > 0) await this.#groups.exclude(excluded);
    if (parts.length > 0) {
      await this.#groups.gather(
        this.#deps.random.id(),
        share,
        parts.map(({ customId }) => customId),
      );
    }
  }

  #isPaused(share: OffloadShare): boolean {
    return this.#pauseOf(share).untilMs > this.#deps.clock.now();
  }

  #pauseOf(share: OffloadShare): Pause {
    return this.#pauses.getOrCreate(keyOf(share), unpaused);
  }

  #pause(share: OffloadShare): void {
    const pause = this.#pauseOf(share);
    pause.delayMs = Math.min(pause.delayMs * 2, pauseMs.largest);
    pause.untilMs = this.#deps.clock.now() + pause.delayMs;
  }
}

const unpaused = (): Pause => ({ untilMs: 0, delayMs: pauseMs.first / 2 });
const keyOf = ({ scope, credential }: OffloadShare) => `${scope} ${credential}`;
