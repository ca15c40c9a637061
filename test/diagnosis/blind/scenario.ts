import type { AttemptEvent, CallEvent } from '../../../src/core/events.ts';
import type { Canary, Fault } from '../../../src/diagnosis/verdict.ts';
import type { StatusState } from '../../../src/status/state.ts';

/** What an observer is told, and when; exactly one of `attempt` and `call` is there. */
export interface BlindEvent {
  /** When it is told: at the end of the attempt or call. */
  readonly atMs: number;
  readonly attempt?: AttemptEvent;
  readonly call?: CallEvent;
}

/** One situation in which somebody asks whose fault it is, with the answer. Instants are milliseconds since the Unix epoch. */
export interface Scenario {
  /** The kind: `revoked-key`. The same for every seed. */
  readonly name: string;
  /** The seed of this scenario alone. */
  readonly seed: number;
  /** What truly happened, in one sentence. */
  readonly story: string;
  /** Oldest first; none after `atMs`. */
  readonly events: readonly BlindEvent[];
  /** null: nobody watches the page. */
  readonly page: StatusState | null;
  /** Oldest first; empty where none was asked for. */
  readonly canaries: readonly Canary[];
  /** The moment at which somebody asks. */
  readonly atMs: number;
  /** Several only where a careful engineer with the same evidence could honestly say either. */
  readonly right: readonly Fault[];
  /** The model, upstream, key or caller that is to blame, where there is one. */
  readonly subject?: string;
}
