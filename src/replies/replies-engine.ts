import type { Call, Caller, Flow, Reply } from '../core/call.ts';
import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import type { Engine } from '../engine/engine.ts';
import type { Identity } from '../queue/keyring.ts';
import type { Vault } from '../queue/vault.ts';
import type { Store } from '../store/store.ts';
import type { ReplySettings } from './bounds.ts';
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
  /** A call is asked again whose first asker crashed: it may be billed twice. */
  readonly onTakeover: (callId: string) => void;
}

/** What the calls of a key need. */
export interface KeyedDeps extends RepliesDeps {
  readonly records: ReplyRecords;
  readonly engine: Engine;
  /** First calls under way in this process, by the name of their record. */
  readonly recordings: Map<string, Recording>;
}

/**
 * An engine that answers the same request under the same `ridethrough-key` with the same answer: to
 * this process and to others on the same database, for as long as answers are kept, and after a
 * crash. Calls without a key pass it by.
 */
export function withReplies(deps: RepliesDeps, engine: Engine): Engine {
  const records = new ReplyRecords(deps.store, deps.random.id());
  const keyed: KeyedDeps = { ...deps, records, engine, recordings: new Map() };
  return {
    ...engine,
    handle: (call: Call, reply: Reply): Flow =>
      call.key === null ? engine.handle(call, reply) : new KeyedCall(keyed, call, call.key, reply).start(),
  };
}

/** Throws away what was kept long enough, and what is too much. @throws StoreError */
export function purgeReplies({
  store,
  random,
  settings,
}: Pick<RepliesDeps, 'store' | 'random' | 'settings'>): Promise<void> {
  return new ReplyRecords(store, random.id()).purge(settings());
}
