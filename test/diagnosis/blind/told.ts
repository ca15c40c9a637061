import type { AttemptEvent, CallEvent } from '../../../src/core/events.ts';
import type { Failure } from '../../../src/core/outcome.ts';
import type { Random } from '../../../src/core/random.ts';
import type { Answer } from './answers.ts';
import { scaled } from './chance.ts';

/** Where an attempt goes. */
export interface Route {
  readonly label: string;
  readonly upstream: string;
  readonly credential: string;
}

/** What is known of an attempt before it is sent. */
export type Sent = Route & Pick<AttemptEvent, 'callId' | 'index' | 'reason' | 'model' | 'caller' | 'startedAtMs'>;

/** What the engine would tell of an attempt. @param endedAtMs before the answer's own end where it was aborted */
export function attemptEventOf(
  { label, ...sent }: Sent,
  answer: Answer,
  endedAtMs: number,
  aborted: boolean,
  random: Random,
): AttemptEvent {
  const totalMs = endedAtMs - sent.startedAtMs;
  // What was not cut has its first byte, whatever the clock's fractions add up to.
  const answered = answer.firstByteMs !== null && (!aborted || answer.firstByteMs <= totalMs);
  const failure = aborted ? null : answer.failure;
  const unsent = answer.status === null && (failure?.class === 'network' || failure?.class === 'tls');
  const isWhole = answer.failure === null && !aborted;
  return {
    ...{ ...sent, route: label, priority: 'default', totalMs, aborted, bodyRequestId: null },
    firstByteMs: answered ? answer.firstByteMs : null,
    status: answered ? answer.status : null,
    requestId: answered && answer.named ? `req_011C${random.id()}` : null,
    failure: failure?.class ?? null,
    error: failure && { type: failure.type, code: failure.code, action: failure.action, waitMs: failure.waitMs },
    released: answered && answer.status === 200 && (answer.released || aborted),
    bytesSent: unsent ? 0 : Math.round(scaled(random, 400, 60_000)),
    bytesReceived: answered ? Math.round(scaled(random, 200, 20_000)) : 0,
    tokens: () => (isWhole ? { input: 800, cacheWrite: 0, cacheRead: 0, output: 300, estimated: false } : null),
  };
}

/** What is known of a call besides its end. */
export type Course = Pick<
  CallEvent,
  'callId' | 'model' | 'caller' | 'client' | 'receivedAtMs' | 'attempts' | 'recovered' | 'route'
>;

/** How a call ended. */
export interface Ending {
  readonly result: CallEvent['result'];
  readonly status: number | null;
  /** What the caller is told, if it failed; null: no route could be asked. */
  readonly failure: Failure | null;
}

/** What the engine would tell of a call. */
export function callEventOf(course: Course, { result, status, failure }: Ending, endedAtMs: number): CallEvent {
  const own = { class: null, type: 'overloaded_error', code: null };
  const told = failure === null ? own : { class: failure.class, type: failure.type, code: failure.code };
  return {
    ...{ ...course, endpoint: 'messages', stream: true, priority: 'default', clientRetries: null },
    ...{ result, status, requestId: null, queued: false },
    error: result === 'failed' ? told : null,
    totalMs: endedAtMs - course.receivedAtMs,
  };
}
