import type { Call, RawHeaders } from '../core/call.ts';
import type { Failure, FailureClass } from '../core/outcome.ts';
import { withoutHeaders } from '../wire/headers.ts';
import { waitHeaders } from '../wire/retry-after.ts';
import type { FinalError, SurfaceReason } from './final-error.ts';

/** Where calls go that no route could serve, if their caller wants that: the queue. */
export interface Keeper {
  /**
   * Keeps a call, to be made when its route is well again.
   * @returns null once it is safe; else why it is not kept, as half a sentence for people
   */
  keep(call: Call): Promise<string | null>;
}

/** Under this id a kept call is read, as a batch of the Batches API. @param callId its `ridethrough-id` */
export function queuedBatchId(callId: string): string {
  return `msgbatch_rt_${callId}`;
}

/** What no time and no other moment would mend. */
const never: ReadonlySet<FailureClass> = new Set(['request', 'auth', 'permission', 'model', 'spend-limit', 'tls']);

/** Whether a call that ends with an error is one for the queue: its caller wants that, and time may mend it. */
export function isForQueue(call: Call, failure: Failure | null, reason: SurfaceReason, released: boolean): boolean {
  if (call.onExhaustion !== 'queue' || call.endpoint.name !== 'messages') return false;
  if (released || call.facts === null || reason === 'unsent') return false;
  if (failure === null) return reason !== 'final';
  return failure.action === 'retry' && !failure.permanent && !never.has(failure.class);
}

const returnHeaders: ReadonlySet<string> = new Set([...waitHeaders, 'x-should-retry']);

/** The error of a call that was kept: whoever sent it again would have it done twice. */
export function errorOfKept(error: FinalError): FinalError {
  const headers: RawHeaders = [...withoutHeaders(error.headers, returnHeaders), 'x-should-retry', 'false'];
  return { ...error, headers };
}
