import type { Caller } from '../core/call.ts';
import { type Clock, wait } from '../core/clock.ts';
import type { AttemptEvent } from '../core/events.ts';
import type { QueueSettings } from '../core/limits.ts';
import { routesRememberedMax } from '../core/limits.ts';
import { LruMap } from '../core/lru.ts';
import type { Random } from '../core/random.ts';
import type { Outlook, ScoutedEngine } from '../engine/engine.ts';
import { errorEnvelope } from '../wire/envelope.ts';
import { mayBeBilled } from './billing.ts';
import { Channel } from './channel.ts';
import { Errand, type ErrandEnd } from './errand.ts';
import type { Keyring } from './keyring.ts';
import type { Lease, Leases, Share } from './leases.ts';
import { settleAgainMs } from './limits.ts';
import { Pace } from './pace.ts';
import { sealResult } from './sealed.ts';
import type { Tally } from './tally.ts';
import type { Vault } from './vault.ts';

export interface DrainDeps {
  readonly leases: Leases;
  readonly vault: Vault;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: () => QueueSettings;
  readonly tally: Tally;
  /** An item has ended: its batch may have. Never rejects. */
  readonly onEnded: (batchId: string) => void;
  /** Something may be sendable now that was not before. */
  readonly onRoom: () => void;
}

interface Running {
  readonly errand: Errand;
  readonly engine: ScoutedEngine;
}

/** Why a share sends nothing now: nothing of it waits, or something has to end first; a number: so many milliseconds. */
export type Idle = 'empty' | 'busy' | number;

/**
 * Sends queued items through the engine, as calls that come after all others. Each lane is begun with
 * one and taken further by its successes (`Channel`); each route has its pace beside live traffic
 * (`Pace`). What is taken is leased, and the leases are renewed while answers are under way.
 */
export class Drain {
  readonly #deps: DrainDeps;
  /** By the id of the call. */
  readonly #running = new Map<string, Running>();
  readonly #ends = new Set<Promise<void>>();
  readonly #channels = new LruMap<string, Channel>(routesRememberedMax);
  readonly #paces = new LruMap<string, Pace>(routesRememberedMax);
  readonly #stopped = new AbortController();

  constructor(deps: DrainDeps) {
    this.#deps = deps;
  }

  /** Told of every attempt of the engine, live ones too: they set the pace. */
  observe(event: AttemptEvent): void {
    const own = this.#running.get(event.callId)?.errand;
    if (own === undefined) {
      // One whose caller left before a byte came is no sign that the route is well.
      const succeeded = event.failure === null && event.firstByteMs !== null;
      if (event.model !== null) this.#paceOf(event.route).live(succeeded);
      return;
    }
    own.exchanges++;
    if (mayBeBilled(event)) own.unsure++;
  }

  /** Sends one item of a share, if it may. @returns null when one was sent. @throws StoreError */
  async sendOne(engine: ScoutedEngine, share: Share): Promise<Idle | null> {
    const caller = this.#deps.keyring.callerFor(share);
    if (caller === null) return 'empty';
    const scout = () => this.#outlook(engine, share, caller);
    const outlook = scout();
    const channel = this.#channelOf(share);
    const pace = this.#paceOf(outlook.label);
    const waitMs = Math.max(channel.pauseMs, pace.waitMs);
    if (waitMs > 0) return waitMs;
    if (!channel.hasRoom(outlook)) return 'busy';
    // Taken before the claim is awaited, so that nobody takes the same place meanwhile.
    channel.running++;
    const lease = await this.#deps.leases.claim(share).catch((error: unknown) => {
      channel.running--;
      throw error;
    });
    if (lease === null) {
      channel.running--;
      return 'empty';
    }
    pace.take();
    this.#begin(engine, lease, caller, channel, scout);
    return null;
  }

  /**
   * Keeps the leases of what is under way, to be called several times in the life of one. What somebody else
   * sends by now is ended: going on would only be billed as well. @throws StoreError
   */
  async renew(): Promise<void> {
    const byLease = new Map([...this.#running.values()].map(({ errand }) => [errand.lease, errand]));
    if (byLease.size === 0) return;
    for (const lease of await this.#deps.leases.renew([...byLease.keys()])) byLease.get(lease)?.abort();
  }

  /** Ends what is under way, and what is not answered by then goes back. Nothing stays leased while the store works. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    const running = [...this.#running.values()];
    await Promise.all([...new Set(running.map(({ engine }) => engine))].map((engine) => engine.drain()));
    await Promise.all(this.#ends);
  }

  #begin(engine: ScoutedEngine, lease: Lease, caller: Caller, channel: Channel, scout: () => Outlook): void {
    const { leases, vault, clock, random, settings, tally } = this.#deps;
    const errand = Errand.open(lease, caller, { engine, leases, vault, clock, random, settings: settings() });
    const run = async () => {
      const end = await (errand instanceof Errand ? this.#run(errand, engine) : this.#giveUp(lease, errand));
      channel.running--;
      tally.running--;
      if (end === 'succeeded' || end === 'errored') channel.succeeded(scout());
      else if (end !== 'lost') channel.failed();
      if (end !== 'lost' && end !== 'unwanted') tally[end]++;
      if (end === 'succeeded' || end === 'errored' || end === 'unwanted') this.#deps.onEnded(lease.batchId);
      if (!this.#stopped.signal.aborted) this.#deps.onRoom();
    };
    tally.running++;
    const done = run().finally(() => this.#ends.delete(done));
    this.#ends.add(done);
  }

  async #run(errand: Errand, engine: ScoutedEngine): Promise<ErrandEnd> {
    const { tally } = this.#deps;
    const { id } = errand.call;
    this.#running.set(id, { errand, engine });
    try {
      return await this.#sent(errand);
    } finally {
      this.#running.delete(id);
      tally.unsure += errand.unsure;
    }
  }

  async #sent(errand: Errand): Promise<ErrandEnd> {
    const { leases } = this.#deps;
    // What the store does not record is not sent; the lease runs out, and the item waits again.
    const may = await leases.sending(errand.lease).catch(() => false);
    if (!may) return 'lost';
    const answer = await errand.send();
    return this.#recorded(() => errand.settle(answer));
  }

  /** An item that cannot be sent, whatever happens. */
  #giveUp(lease: Lease, { type, message }: { type: string; message: string }): Promise<ErrandEnd> {
    const { leases, vault } = this.#deps;
    const body = sealResult(vault, lease.id, errorEnvelope(type, message));
    const finish = () => leases.finish(lease, 'errored', body, { unsure: 0, error: type });
    return this.#recorded(async () => ((await finish()) ? 'errored' : 'lost'));
  }

  /** An answer has been paid for: it is kept in memory until the store takes it, or somebody else has the lease. */
  async #recorded(record: () => Promise<ErrandEnd>): Promise<ErrandEnd> {
    for (;;) {
      const { signal } = this.#stopped;
      const isLast = signal.aborted;
      try {
        return await record();
      } catch {
        if (isLast) return 'lost';
        await wait(this.#deps.clock, settleAgainMs, signal);
      }
    }
  }

  #outlook(engine: ScoutedEngine, { model }: Share, caller: Caller): Outlook {
    return engine.outlook({ caller, fallback: 'off', facts: { model, stream: false, maxTokens: null, thinks: false } });
  }

  #channelOf({ credential, model }: Share): Channel {
    const { clock, random } = this.#deps;
    return this.#channels.getOrCreate(`${credential} ${model}`, () => new Channel(clock, random));
  }

  #paceOf(label: string): Pace {
    return this.#paces.getOrCreate(label, () => new Pace(this.#deps.clock));
  }
}
