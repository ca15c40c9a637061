import type { AttemptEvent, CallEvent } from '../core/events.ts';
import type { SqlValue } from '../store/store.ts';
import { nameCharactersMax } from './limits.ts';

/** Columns of `ledger_calls`, as `callRow` fills them. */
export const callColumns = [
  ...['id', 'at', 'total_ms', 'endpoint', 'model', 'stream', 'priority', 'caller', 'client', 'client_retries'],
  ...['result', 'status', 'request_id', 'error_class', 'error_type', 'error_code', 'queued', 'attempts'],
  ...['recovered', 'route'],
] as const;

/** Columns of `ledger_attempts`, as `attemptRow` fills them. */
export const attemptColumns = [
  ...['call_id', 'n', 'at', 'reason', 'upstream', 'model', 'credential', 'first_byte_ms', 'total_ms', 'status'],
  ...['request_id', 'body_request_id', 'result', 'class', 'type', 'code', 'action', 'wait_ms', 'released'],
  ...['bytes_sent', 'bytes_received', 'input_tokens', 'cache_write_tokens', 'cache_read_tokens', 'output_tokens'],
  'estimated',
] as const;

/** Columns of `ledger_calls` that `healthyRow` fills; the others are as they are by default. */
export const healthyColumns = [
  ...['id', 'at', 'total_ms', 'endpoint', 'model', 'stream', 'priority', 'caller', 'client', 'client_retries'],
  ...['status', 'request_id', 'route', 'only_after_ms', 'only_credential', 'only_first_byte_ms', 'only_total_ms'],
  ...['only_bytes_sent', 'only_bytes_received', 'only_input_tokens', 'only_cache_write_tokens'],
  ...['only_cache_read_tokens', 'only_output_tokens'],
] as const;

/** The values of a call, in the order of `callColumns`. */
export function callRow(event: CallEvent): SqlValue[] {
  const { error } = event;
  return [
    event.callId,
    Math.round(event.receivedAtMs),
    Math.round(event.totalMs),
    event.endpoint,
    nameOrNull(event.model),
    event.stream ? 1 : 0,
    event.priority,
    nameOf(event.caller),
    event.client,
    event.clientRetries,
    event.result,
    event.status,
    requestIdOf(event.requestId),
    error?.class ?? null,
    wordOf(error?.type),
    wordOf(error?.code),
    event.queued ? 1 : 0,
    event.attempts,
    event.recovered.join(','),
    nameOf(event.route),
  ];
}

/** The values of an attempt, in the order of `attemptColumns`. */
export function attemptRow(event: AttemptEvent): SqlValue[] {
  const { error, tokens } = event;
  return [
    event.callId,
    event.index,
    Math.round(event.startedAtMs),
    event.reason,
    nameOf(event.upstream),
    nameOrNull(event.model),
    event.credential,
    roundOrNull(event.firstByteMs),
    Math.round(event.totalMs),
    event.status,
    requestIdOf(event.requestId),
    requestIdOf(event.bodyRequestId),
    event.aborted ? 'aborted' : event.failure === null ? 'whole' : 'failed',
    event.failure,
    wordOf(error?.type),
    wordOf(error?.code),
    error?.action ?? null,
    roundOrNull(error?.waitMs ?? null),
    event.released ? 1 : 0,
    event.bytesSent,
    event.bytesReceived,
    tokens?.input ?? null,
    tokens?.cacheWrite ?? null,
    tokens?.cacheRead ?? null,
    tokens?.output ?? null,
    tokens?.estimated ? 1 : 0,
  ];
}

/** Whether this attempt made the call whole by itself, so that one row can tell of both. */
export function isOnlyAttempt(attempt: AttemptEvent, call: CallEvent): boolean {
  if (attempt.callId !== call.callId || call.attempts !== 1 || call.result !== 'whole') return false;
  if (attempt.reason !== 'first' || attempt.failure !== null || attempt.aborted || !attempt.released) return false;
  if (attempt.status !== call.status || attempt.requestId !== call.requestId) return false;
  // What was estimated, kept or renamed on the way has columns of its own.
  if (attempt.tokens?.estimated === true || attempt.bodyRequestId !== null) return false;
  return attempt.route === call.route && attempt.model === call.model && call.recovered.length === 0 && !call.queued;
}

/** The values of a call and its only attempt, in the order of `healthyColumns`. */
export function healthyRow(call: CallEvent, attempt: AttemptEvent): SqlValue[] {
  const { tokens } = attempt;
  const atMs = Math.round(call.receivedAtMs);
  return [
    call.callId,
    atMs,
    Math.round(call.totalMs),
    call.endpoint,
    nameOrNull(call.model),
    call.stream ? 1 : 0,
    call.priority,
    nameOf(call.caller),
    call.client,
    call.clientRetries,
    call.status,
    requestIdOf(call.requestId),
    nameOf(call.route),
    Math.round(attempt.startedAtMs) - atMs,
    attempt.credential,
    roundOrNull(attempt.firstByteMs),
    Math.round(attempt.totalMs),
    attempt.bytesSent,
    attempt.bytesReceived,
    tokens?.input ?? null,
    tokens?.cacheWrite ?? null,
    tokens?.cacheRead ?? null,
    tokens?.output ?? null,
  ];
}

function roundOrNull(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}

/** Names come from the caller's body or the configuration, and may be anything. */
function nameOf(name: string): string {
  if (name.length <= nameCharactersMax && /^[\x20-\x7e]*$/.test(name)) return name;
  return name.slice(0, nameCharactersMax).replaceAll(/[^\x20-\x7e]/g, '?');
}

function nameOrNull(name: string | null): string | null {
  return name === null ? null : nameOf(name);
}

/** Types and codes are the upstream's: one that is no word might be anything it was told. */
function wordOf(word: string | null | undefined): string | null {
  if (word === null || word === undefined) return null;
  return /^[\w.:-]{1,64}$/.test(word) ? word : 'other';
}

function requestIdOf(id: string | null): string | null {
  return id !== null && /^[\x21-\x7e]{1,128}$/.test(id) ? id : null;
}
