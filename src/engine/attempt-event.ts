import type { Body, Call } from '../core/call.ts';
import type { AttemptError, AttemptEvent, AttemptReason } from '../core/events.ts';
import type { Failure } from '../core/outcome.ts';
import { readErrorBody } from '../wire/error-body.ts';
import type { Outcome } from './attempt.ts';
import type { Route } from './routes.ts';

/** What is known of an attempt before it is sent. */
export interface AttemptStart {
  readonly index: number;
  readonly reason: AttemptReason;
  readonly route: Route;
  readonly body: Body;
  readonly startedAtMs: number;
}

/** What the call and its ending add. */
export interface AttemptEnd {
  readonly nowMs: number;
  readonly aborted: boolean;
  readonly released: boolean;
}

/** Tells of an attempt that has ended, without anything it has said. */
export function attemptEvent(call: Call, start: AttemptStart, outcome: Outcome, end: AttemptEnd): AttemptEvent {
  const { index, reason, route, startedAtMs } = start;
  const { failure, requestId } = outcome;
  return {
    callId: call.id,
    index,
    reason,
    route: route.label,
    upstream: route.upstream.name,
    model: route.model,
    credential: route.credential?.id ?? '',
    caller: callerOf(call),
    priority: call.priority,
    startedAtMs,
    firstByteMs: outcome.firstByteMs,
    totalMs: end.nowMs - startedAtMs,
    status: outcome.status,
    requestId,
    bodyRequestId: failure === null ? null : bodyRequestIdOf(failure),
    failure: failure?.class ?? null,
    error: failure === null ? null : errorOf(failure),
    aborted: end.aborted,
    released: end.released,
    bytesSent: outcome.sent ? lengthOf(start.body) : 0,
    bytesReceived: outcome.bytesReceived,
    tokens: outcome.tokens,
  };
}

/** See `AttemptEvent.caller`. */
export function callerOf({ caller }: Call): string {
  return caller.token ?? caller.credential?.id ?? '';
}

function errorOf({ type, code, action, waitMs }: Failure): AttemptError {
  return { type, code, action, waitMs };
}

function bodyRequestIdOf({ body, requestId }: Failure): string | null {
  const told = body === null ? null : readErrorBody(body).requestId;
  return told === requestId ? null : told;
}

function lengthOf(body: Body): number | null {
  if (body === null) return 0;
  return body instanceof Uint8Array ? body.length : body.lengthBytes;
}
