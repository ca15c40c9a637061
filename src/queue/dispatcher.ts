import type { Clock } from '../core/clock.ts';
import type { QueueSettings } from '../core/limits.ts';
import type { ScoutedEngine } from '../engine/engine.ts';
import type { Store } from '../store/store.ts';
import { workTopic } from './desk.ts';
import type { Drain } from './drain.ts';
import type { Leases, Share } from './leases.ts';
import { pollMs, purgeMs, repairMs } from './limits.ts';
import { Rounds } from './rounds.ts';
import type { Tally } from './tally.ts';
import { endBatches, expireItems, purge } from './upkeep.ts';

export interface DispatcherDeps {
  readonly store: Store;
  readonly leases: Leases;
  readonly drain: Drain;
  readonly clock: Clock;
  readonly settings: () => QueueSettings;
  readonly tally: Tally;
  /** Batches have ended without an item of ours having been the last. */
  readonly onEnded: () => void;
}

/**
 * The one loop of the queue: looks what waits, lets the drain send it share by share, and keeps the
 * table in order. It looks every few seconds, and no sooner for a hint of the store: to count a long queue
 * for each call that is kept would cost more than the call. A hint says that a look brings something new.
 */
export class Dispatcher {
  readonly #deps: DispatcherDeps;
  #engine: ScoutedEngine | null = null;
  /** Those with items that are ready, the one that was served last at the end. */
  #shares: Share[] = [];
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #repairedAtMs = Number.NEGATIVE_INFINITY;
  #purgedAtMs = Number.NEGATIVE_INFINITY;
  #hinted = false;
  readonly #rounds: Rounds;
  readonly #unlisten: () => void;

  constructor(deps: DispatcherDeps) {
    this.#deps = deps;
    this.#rounds = new Rounds(deps.clock, () => this.#once());
    this.#unlisten = deps.store.onHint(workTopic, () => {
      this.#hinted = true;
    });
  }

  /** The engine to send with from now on. The first one sets the loop going. */
  use(engine: ScoutedEngine): void {
    this.#engine = engine;
    this.wake();
  }

  /** Something may be sendable now. Cheap, and may be called at any time. */
  wake(): void {
    if (this.#engine !== null) this.#rounds.wake();
  }

  async stop(): Promise<void> {
    this.#unlisten();
    await this.#rounds.stop();
    await this.#deps.drain.stop();
  }

  /** @returns after how many milliseconds there may be something to do again */
  async #once(): Promise<number> {
    const now = this.#deps.clock.now();
    if (now - this.#lookedAtMs >= pollMs) {
      const wasRepaired = await this.#keepInOrder(now);
      // While shares are known and nobody brings new work, what was seen a minute ago will do.
      if (this.#shares.length === 0 || this.#hinted || wasRepaired) await this.#look();
      // Afterwards: a slow store must leave time to send.
      this.#lookedAtMs = this.#deps.clock.now();
    }
    const waitMs = await this.#send();
    return Math.min(waitMs, this.#lookedAtMs + pollMs - this.#deps.clock.now());
  }

  async #look(): Promise<void> {
    this.#hinted = false;
    const rows = await this.#deps.store.read({
      sql: `SELECT credential, model, scope FROM queue_items WHERE state = 'waiting' AND ready_at <= rt_now()
            GROUP BY credential, model, scope`,
      values: [],
    });
    const key = ({ credential, model, scope }: Share) => JSON.stringify([credential, model, scope]);
    const found = new Map(
      rows.map((row) => {
        const share = { credential: String(row.credential), model: String(row.model), scope: String(row.scope) };
        return [key(share), share];
      }),
    );
    // Known ones keep their turn.
    const known = this.#shares.filter((share) => found.has(key(share)));
    for (const share of known) found.delete(key(share));
    this.#shares = [...known, ...found.values()];
  }

  /** Sends what may be sent, one item of each share in turn, until the table has to be looked at. */
  async #send(): Promise<number> {
    const { clock } = this.#deps;
    const engine = this.#engine as ScoutedEngine;
    let waitMs = pollMs;
    let sent = true;
    while (sent && !this.#rounds.stopped && clock.now() - this.#lookedAtMs < pollMs) {
      sent = false;
      waitMs = pollMs;
      for (const share of [...this.#shares]) {
        if (this.#rounds.stopped) break;
        const idle = await this.#deps.drain.sendOne(engine, share);
        if (typeof idle === 'number') waitMs = Math.min(waitMs, idle);
        if (idle !== null && idle !== 'empty') continue;
        sent ||= idle === null;
        this.#shares.splice(this.#shares.indexOf(share), 1);
        if (idle === null) this.#shares.push(share);
      }
    }
    return waitMs;
  }

  /** @returns whether the dear part was done too */
  async #keepInOrder(now: number): Promise<boolean> {
    const { store, leases, drain, settings, tally } = this.#deps;
    // Before the look for leases that ran out: after a sleep of the machine these have, and we are at work on them.
    await drain.renew();
    const reaped = await leases.reap(settings());
    tally.reaped += reaped.length;
    tally.unsure += reaped.filter(({ unsure }) => unsure).length;
    tally.quarantined += reaped.filter(({ state }) => state === 'quarantined').length;
    const expired = await expireItems(store);
    tally.expired += expired;
    if (now - this.#purgedAtMs >= purgeMs) {
      this.#purgedAtMs = now;
      await purge(store, settings());
    }
    if (now - this.#repairedAtMs < repairMs && expired + reaped.length === 0) return false;
    this.#repairedAtMs = now;
    if ((await endBatches(store, null)).length > 0) this.#deps.onEnded();
    return true;
  }
}
