import type { Call, Caller, Flow, Reply } from '../core/call.ts';
import type { Clock, Timer } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import type { Engine } from '../engine/engine.ts';
import type { Identity } from '../queue/keyring.ts';
import type { Vault } from '../queue/vault.ts';
import type { Store } from '../store/store.ts';
import { purgeMs, type ReplySettings } from './bounds.ts';
import { KeyedCall } from './keyed-call.ts';
import type { Recording } from './recording.ts';
import { ReplyRecords } from './reply-records.ts';

export interface RepliesDeps {
  readonly store: Store;
  readonly vault: Vault;
  readonly identify: (caller: Caller) => Identity;
  readonly settings: () => ReplySettings;
  readonly clock: Clock;
  readonly random: Random;
}

/** What the calls of a key need. */
export interface KeyedDeps extends RepliesDeps {
  readonly records: ReplyRecords;
  readonly engine: Engine;
  /** First calls under way in this process, by the name of their record. */
  readonly recordings: Map<string, Recording>;
  /** The engine drains: nobody is to wait for another gateway's answer any more. */
  readonly draining: AbortSignal;
  /** A call is asked again whose first asker crashed: it may be billed twice. */
  readonly onTakeover: () => void;
}

/**
 * The same answer to the same request under the same `ridethrough-key`: to this process and to others
 * on the same database, for as long as answers are kept, and after a crash.
 */
export class Replies {
  readonly #deps: RepliesDeps;
  readonly #records: ReplyRecords;
  readonly #recordings = new Map<string, Recording>();
  #timer: Timer;
  #purge: Promise<void> = Promise.resolve();
  /** Keys taken over from processes that crashed: each may have been billed twice. */
  takeovers = 0;

  constructor(deps: RepliesDeps) {
    this.#deps = deps;
    this.#records = new ReplyRecords(deps.store, deps.random.id());
    this.#timer = deps.clock.after(purgeMs, () => this.#purgeNow());
  }

  /** An engine that keeps its answers under their keys. Calls without a key pass it by. */
  around(engine: Engine): Engine {
    const draining = new AbortController();
    const keyed: KeyedDeps = {
      ...this.#deps,
      records: this.#records,
      engine,
      recordings: this.#recordings,
      draining: draining.signal,
      onTakeover: () => {
        this.takeovers++;
      },
    };
    const handle = (call: Call, reply: Reply): Flow =>
      call.key === null ? engine.handle(call, reply) : new KeyedCall(keyed, call, call.key, reply).start();
    const drain = () => {
      const drained = engine.drain();
      draining.abort();
      return drained;
    };
    return { ...engine, handle, drain };
  }

  /** No more is thrown away. */
  async stop(): Promise<void> {
    this.#deps.clock.cancel(this.#timer);
    await this.#purge;
  }

  #purgeNow(): void {
    this.#timer = this.#deps.clock.after(purgeMs, () => this.#purgeNow());
    // A database that is away is looked after another time.
    this.#purge = this.#records.purge(this.#deps.settings()).catch(() => {});
  }
}
