import type { AttemptEvent } from '../../src/core/events.ts';
import type { FailureClass } from '../../src/core/outcome.ts';

/** An attempt that ended at an instant; everything else as is usual. */
export interface Ended extends Partial<Omit<AttemptEvent, 'failure' | 'startedAtMs'>> {
  readonly atMs: number;
  /** Default null: it succeeded. */
  readonly failure?: FailureClass | null;
}

/** The event of an attempt. */
export function attemptEvent({ atMs, failure = null, totalMs = 500, ...rest }: Ended): AttemptEvent {
  const { model = 'claude-sonnet-5-5', upstream = 'anthropic' } = rest;
  return {
    ...{ callId: `call-${atMs}`, index: 1, reason: 'first', route: `${upstream}/${model}`, upstream, model },
    ...{ credential: 'key', caller: 'caller', priority: 'default', startedAtMs: atMs - totalMs, totalMs },
    ...{ firstByteMs: failure === null ? totalMs : null, status: failure === null ? 200 : 529 },
    ...{ requestId: null, bodyRequestId: null, failure, aborted: false, released: false },
    error: failure === null ? null : { type: 'overloaded_error', code: null, action: 'retry', waitMs: null },
    ...{ bytesSent: 100, bytesReceived: 100, tokens: null },
    ...rest,
  };
}
