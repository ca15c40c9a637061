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
