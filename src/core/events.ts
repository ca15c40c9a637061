import type { FailureClass } from './outcome.ts';

/** Why an attempt was made. */
export type AttemptReason = 'first' | 'retry' | 'replay' | 'fallback' | 'probe' | 'resume';

/** One upstream exchange, told when it has ended. Holds no prompt, answer or key. */
export interface AttemptEvent {
  readonly callId: string;
  /** 1 for the call's first attempt. */
  readonly index: number;
  readonly reason: AttemptReason;
  /** `upstream/model`. */
  readonly route: string;
  readonly startedAtMs: number;
  /** From sending to the first response byte; null when none came. */
  readonly firstByteMs: number | null;
  readonly totalMs: number;
  readonly status: number | null;
  readonly requestId: string | null;
  /** null: it succeeded. */
  readonly failure: FailureClass | null;
  /** True when part of its answer had reached the caller before it failed. */
  readonly released: boolean;
}

/** How one call ended. */
export interface CallEvent {
  readonly callId: string;
  readonly endpoint: string;
  readonly stream: boolean;
  /** `whole`: the caller has a complete answer. `failed`: a final error. `aborted`: the caller left. */
  readonly result: 'whole' | 'failed' | 'aborted';
  /** Status the caller saw; null when it left before any. */
  readonly status: number | null;
  readonly attempts: number;
  /** What it took, in order of first use: `retry`, `fallback`; empty when the first attempt was whole. */
  readonly recovered: readonly string[];
  readonly route: string;
  readonly totalMs: number;
}

/** A breaker changed its mind. */
export interface BreakerEvent {
  readonly route: string;
  readonly state: 'closed' | 'open' | 'half-open';
}

/** Those who watch the engine: metrics, progress, the ledger. Called synchronously, off the path of bytes; what it throws is dropped. */
export interface Observer {
  attempt?(event: AttemptEvent): void;
  call?(event: CallEvent): void;
  breaker?(event: BreakerEvent): void;
}
