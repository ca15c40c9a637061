import type { Call, Flow, RawHeaders, Reply } from '../core/call.ts';
import type { Failure } from '../core/outcome.ts';
import { errorEnvelope } from '../wire/envelope.ts';
import { headerOf, isEventStream, withoutHeaders } from '../wire/headers.ts';
import { waitHeaders } from '../wire/retry-after.ts';
import type { Problem } from './intake.ts';

/**
 * Why a call ends with an error: the failure is final, only the caller may send it again (`unsent`),
 * the caller's time is up, or we had to let go of it.
 */
export type SurfaceReason = 'final' | 'unsent' | 'patience' | 'shed' | 'drain';

/** A caller with less than this announced will be back by itself: it is told that it may (R7). */
const shortDeadlineMs = 60_000;

/** An answer that is an error, ready to be told. */
export interface FinalError {
  readonly status: number;
  readonly headers: RawHeaders;
  readonly body: Uint8Array;
}

const bodyHeaders = new Set(['content-type', 'content-length', 'content-encoding', 'x-should-retry']);
const jsonBodyHeaders = new Set(['content-length', 'content-encoding', 'x-should-retry']);

/**
 * What the caller is told in the end (R7): the first route's last error, verbatim where it was JSON.
 * @param failed null when nothing was ever sent to a route that could take the call
 * @param deadlineMs the whole time the caller allowed
 * @param reopensInMs when coming back may be worth it
 */
export function finalError(
  failed: Failure | null,
  reason: SurfaceReason,
  callId: string,
  deadlineMs: number,
  reopensInMs: number,
): FinalError {
  const failure = failed !== null && isOurDoing(reason) ? withoutWait(failed) : failed;
  const retry = adviceOn(failure, reason, deadlineMs, reopensInMs);
  if (failure === null) return own(529, 'overloaded_error', notServed[reason], callId, retry);
  if (failure.body !== null) {
    // The body of an error that came as an event stands alone now: it is no stream any more.
    const headers = isEventStream(failure.headers)
      ? [...withoutHeaders(failure.headers, bodyHeaders), 'content-type', 'application/json']
      : withoutHeaders(failure.headers, jsonBodyHeaders);
    return withLength(failure.status, [...headers, ...retry], failure.body);
  }
  const details = { code: failure.code, requestId: failure.requestId };
  if (failure.headers.length === 0) return own(failure.status, failure.type, failure.message, callId, retry, details);
  const body = errorEnvelope(failure.type, failure.message, details);
  const headers = [...withoutHeaders(failure.headers, bodyHeaders), 'content-type', 'application/json', ...retry];
  return withLength(failure.status, headers, body);
}

/** Whether the caller should come back, and when. */
function adviceOn(failure: Failure | null, reason: SurfaceReason, deadlineMs: number, reopensInMs: number): RawHeaders {
  if (reason === 'unsent' && failure !== null) {
    return ['x-should-retry', headerOf(failure.headers, 'x-should-retry') ?? String(failure.action === 'retry')];
  }
  // Told to come back in an hour, an SDK would sleep for that hour without a word.
  if (isOurDoing(reason))
    return ['x-should-retry', 'true', ...retryAfter(null, Math.min(reopensInMs, shortDeadlineMs))];
  const waitMs = failure?.waitMs ?? reopensInMs;
  const isSoon = deadlineMs < shortDeadlineMs && waitMs < shortDeadlineMs;
  const mayReturn = reason === 'patience' && isSoon && !failure?.permanent;
  return mayReturn ? ['x-should-retry', 'true', ...retryAfter(failure, waitMs)] : ['x-should-retry', 'false'];
}

/** The call could have gone on: another instance, or a later moment, may serve it. */
function isOurDoing(reason: SurfaceReason): boolean {
  return reason === 'shed' || reason === 'drain';
}

function withoutWait(failure: Failure): Failure {
  return { ...failure, waitMs: null, headers: withoutHeaders(failure.headers, waitHeaders) };
}

const notServed: Record<SurfaceReason, string> = {
  final: 'No route could take this request.',
  unsent: 'No route could take this request.',
  patience: 'Every route was down or full until the deadline of this request.',
  shed: 'Too many requests are waiting for the upstream to recover; this one was turned away.',
  drain: 'The gateway is shutting down.',
};

/** What an answer of our own tells of its call, where no upstream was asked and no route is to be named. */
export function ownHeaders({ id, warnings }: Pick<Call, 'id' | 'warnings'>): RawHeaders {
  const warning = warnings.length === 0 ? [] : ['ridethrough-warning', warnings.join('; ')];
  return ['ridethrough-id', id, ...warning];
}

/** An error of our own, found before anything was asked of an upstream; complete with the headers of its call. */
export function ownError(problem: Problem, call: Pick<Call, 'id' | 'warnings'>): FinalError {
  return withAdvice(problem, call, ['x-should-retry', 'false']);
}

/** The same where nothing was wrong but that the caller's time is up: one in haste may come back at once. */
export function ownTimeout(
  problem: Problem,
  call: Pick<Call, 'id' | 'warnings' | 'patience' | 'receivedAtMs'>,
): FinalError {
  const deadlineMs = call.patience.deadlineAtMs - call.receivedAtMs;
  return withAdvice(problem, call, adviceOn(null, 'patience', deadlineMs, 0));
}

function withAdvice(problem: Problem, call: Pick<Call, 'id' | 'warnings'>, advice: RawHeaders): FinalError {
  return own(problem.status, problem.type, problem.message, call.id, [...advice, ...ownHeaders(call)]);
}

const endedFlow: Flow = { resume() {}, abort() {} };

/** Answers without asking anybody. */
export function refuse(reply: Reply, { status, headers, body }: FinalError): Flow {
  reply.head(status, headers);
  reply.write(body);
  reply.end();
  return endedFlow;
}

function own(
  status: number,
  type: string,
  message: string,
  callId: string,
  retry: RawHeaders,
  details: { code: string | null; requestId: string | null } = { code: null, requestId: null },
): FinalError {
  const body = errorEnvelope(type, message, { code: details.code, requestId: details.requestId ?? callId });
  return withLength(status, ['content-type', 'application/json', 'ridethrough-origin', 'gateway', ...retry], body);
}

function retryAfter(failure: Failure | null, waitMs: number): RawHeaders {
  if (failure !== null && headerOf(failure.headers, 'retry-after') !== null) return [];
  return ['retry-after', String(Math.max(1, Math.ceil(waitMs / 1000)))];
}

function withLength(status: number, headers: RawHeaders, body: Uint8Array): FinalError {
  return { status, headers: [...headers, 'content-length', String(body.length)], body };
}
