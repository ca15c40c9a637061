import type { Call, Caller } from '../core/call.ts';
import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import type { Engine } from '../engine/engine.ts';
import type { Identity } from '../queue/keyring.ts';
import type { Desk } from '../queue/queue.ts';

/** What it takes to show the queue as the Batches API. */
export interface BatchesDeps {
  /** Serves everything that is not the queue's. */
  readonly engine: Engine;
  readonly desk: Desk;
  /** Whose work it is, and what it is done with. */
  readonly identify: (caller: Caller) => Identity;
  /** Ids of the upstream's batches that the list leaves out, because they are queued work that was offloaded. */
  readonly hidden: () => Promise<ReadonlySet<string>>;
  readonly clock: Clock;
  readonly random: Random;
  /** Queued batches expire after so many milliseconds. */
  readonly expiresInMs: () => number;
}

/** True for a caller that has shown a gateway token: what the upstream knows it by must never be sent elsewhere. */
export function isManaged(call: Call): boolean {
  return call.caller.credential === null;
}
