import type { AttemptEvent, CallEvent } from '../core/events.ts';
import { nameCharactersMax } from './limits.ts';
import type { RowValues } from './row-buffer.ts';

// Values stand in the order of `layout.ts`. No text holds what the store's packs of rows use for
// themselves: what others have named is cleaned below, everything else is a word of ours.

/** A call, whose attempts have rows of their own. */
export function callRow(event: CallEvent): RowValues {
  const { error } = event;
  return {
    numbers: [
      Math.round(event.receivedAtMs),
      Math.round(event.totalMs),
      event.stream ? 1 : 0,
      event.clientRetries,
      event.status,
      event.queued ? 1 : 0,
      event.attempts,
    ],
    texts: [
      event.callId,
      event.endpoint,
      nameOrNull(event.model),
      event.priority,
      nameOf(event.caller),
      event.client,
      requestIdOf(event.requestId),
      nameOf(event.route),
      event.result,
      error?.class ?? null,
      wordOf(error?.type),
      wordOf(error?.code),
      event.recovered.join(','),
    ],
  };
}

/** An attempt. */
export function attemptRow(event: AttemptEvent): RowValues {
  const { error } = event;
  const tokens = event.tokens();
  return {
    numbers: [
      event.index,
      Math.round(event.startedAtMs),
      roundOrNull(event.firstByteMs),
      Math.round(event.totalMs),
      event.status,
      roundOrNull(error?.waitMs ?? null),
      event.released ? 1 : 0,
      event.bytesSent,
      event.bytesReceived,
      tokens?.input ?? null,
      tokens?.cacheWrite ?? null,
      tokens?.cacheRead ?? null,
      tokens?.output ?? null,
      tokens?.estimated ? 1 : 0,
    ],
    texts: [
      event.callId,
      event.reason,
      nameOf(event.upstream),
      nameOrNull(event.model),
      event.credential,
      requestIdOf(event.requestId),
      requestIdOf(event.bodyRequestId),
      event.aborted ? 'aborted' : event.failure === null ? 'whole' : 'failed',
      event.failure,
      wordOf(error?.type),
      wordOf(error?.code),
      error?.action ?? null,
    ],
  };
}

/** Whether this attempt made the call whole by itself, so that one row can tell of both. */
export function isOnlyAttempt(attempt: AttemptEvent, call: CallEvent): boolean {
  if (attempt.callId !== call.callId || call.attempts !== 1 || call.result !== 'whole') return false;
  if (attempt.reason !== 'first' || attempt.failure !== null || attempt.aborted || !attempt.released) return false;
  if (attempt.status !== call.status || attempt.requestId !== call.requestId) return false;
  // What was kept or renamed on the way has columns of its own.
  if (attempt.bodyRequestId !== null) return false;
  return attempt.route === call.route && attempt.model === call.model && call.recovered.length === 0 && !call.queued;
}

/** A call and its only attempt. @returns null where its tokens are estimated, which has a column of its own */
export function healthyRow(call: CallEvent, attempt: AttemptEvent): RowValues | null {
  const tokens = attempt.tokens();
  if (tokens?.estimated === true) return null;
  const atMs = Math.round(call.receivedAtMs);
  return {
    numbers: [
      atMs,
      Math.round(call.totalMs),
      call.stream ? 1 : 0,
      call.clientRetries,
      call.status,
      Math.round(attempt.startedAtMs) - atMs,
      roundOrNull(attempt.firstByteMs),
      Math.round(attempt.totalMs),
      attempt.bytesSent,
      attempt.bytesReceived,
      tokens?.input ?? null,
      tokens?.cacheWrite ?? null,
      tokens?.cacheRead ?? null,
      tokens?.output ?? null,
    ],
    texts: [
      call.callId,
      call.endpoint,
      nameOrNull(call.model),
      call.priority,
      nameOf(call.caller),
      call.client,
      requestIdOf(call.requestId),
      nameOf(call.route),
      attempt.credential,
    ],
  };
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
