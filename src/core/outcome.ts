import type { RawHeaders } from './call.ts';

/** Every `FailureClass`. */
export const failureClasses = [
  'overload', // 529, or an overload in other clothes
  'server', // 5xx of the API or the edge
  'timeout', // 504, 524, our own first-byte clock
  'rate-limit', // 429 that passes
  'spend-limit', // money: 402, low credit, spend limits
  'auth', // 401
  'permission', // 403
  'model', // this model is gone or refused, others are not
  'conflict', // 409
  'request', // the request itself is wrong: 400, 413, 422 and their disguises
  'network', // connect, reset, DNS, TLS hand-shake cut
  'tls', // a certificate that will not become valid by waiting
  'protocol', // a 200 that is no Messages answer, a stream that breaks the protocol
  'truncated', // a clean end before the answer was whole
  'stalled', // silence, or pings without progress
] as const;

/** What kind of failure an attempt met. Breakers, budgets, metrics and explanations go by it. */
export type FailureClass = (typeof failureClasses)[number];

/** Failures after which the upstream may have answered, and billed, all the same. */
export const answerLost: readonly FailureClass[] = ['timeout', 'network', 'protocol', 'truncated', 'stalled'];

/** Failures that are the provider's trouble, or the way's to it; all others are somebody's own. */
const providersTrouble: ReadonlySet<FailureClass> = new Set<FailureClass>(['overload', 'server', ...answerLost]);

/** Whether a failure speaks against the route it met. Bad requests, keys, money and rate limits do not. */
export function countsAgainstRoute(failure: FailureClass): boolean {
  return providersTrouble.has(failure);
}

/** What the failure permits. `next-route`: this route cannot serve the call, another may. */
export type FailureAction = 'retry' | 'next-route' | 'surface';

/** A failed attempt, classified. Plain data: it goes to policies, metrics and, in the end, the caller. */
export interface Failure {
  readonly class: FailureClass;
  readonly action: FailureAction;
  /** `error.type` as it is to be reported: `overloaded_error`, `api_error`… */
  readonly type: string;
  /** `error.details.error_code`, or a code of ours (`stream_truncated`, `ECONNRESET`); null where there is none. */
  readonly code: string | null;
  /** One sentence for people; never quotes a prompt or a key. */
  readonly message: string;
  /** HTTP status to surface (R2 for errors found inside a 200). */
  readonly status: number;
  /** The server's own minimum wait in milliseconds; null where it named none. */
  readonly waitMs: number | null;
  /** True when the wait concerns this credential and model as a whole, not just this call (429). */
  readonly cooldown: boolean;
  /** True for what waiting cannot cure: the final error then says `x-should-retry: false`. */
  readonly permanent: boolean;
  readonly requestId: string | null;
  /** Upstream response headers, empty for transport failures. */
  readonly headers: RawHeaders;
  /** The upstream's JSON error body, verbatim, when it sent one; else null and an envelope is made. */
  readonly body: Uint8Array | null;
}
