import type { Row, SqlValue } from '../store/store.ts';

/** One call as people and programs read it: the columns of its row by name. Times are ISO 8601, durations milliseconds. */
export interface CallRecord {
  readonly id: string;
  readonly at: string;
  readonly total_ms: number;
  readonly endpoint: string;
  readonly model: string | null;
  readonly stream: boolean;
  readonly priority: string;
  /** The name of a gateway token, or an id that stands for a key on this machine only. */
  readonly caller: string;
  readonly client: string | null;
  readonly client_retries: number | null;
  /** `lost`: its gateway ended before it did, so nobody knows what came of it. */
  readonly result: 'whole' | 'failed' | 'aborted' | 'lost';
  readonly status: number | null;
  readonly request_id: string | null;
  readonly error_class: string | null;
  readonly error_type: string | null;
  readonly error_code: string | null;
  readonly queued: boolean;
  readonly attempts: number;
  readonly recovered: readonly string[];
  readonly route: string;
}

/** One attempt, likewise. */
export interface AttemptRecord {
  readonly call_id: string;
  /** 1 for the call's first. */
  readonly n: number;
  readonly at: string;
  readonly reason: string;
  readonly upstream: string;
  readonly model: string | null;
  readonly credential: string;
  readonly first_byte_ms: number | null;
  readonly total_ms: number;
  readonly status: number | null;
  readonly request_id: string | null;
  readonly body_request_id: string | null;
  /** `lost`: its process ended before it did, so nobody knows what came of it; its `n` is 0. */
  readonly result: 'whole' | 'failed' | 'aborted' | 'lost';
  readonly class: string | null;
  readonly type: string | null;
  readonly code: string | null;
  readonly action: string | null;
  readonly wait_ms: number | null;
  readonly released: boolean;
  readonly bytes_sent: number | null;
  readonly bytes_received: number;
  readonly input_tokens: number | null;
  readonly cache_write_tokens: number | null;
  readonly cache_read_tokens: number | null;
  readonly output_tokens: number | null;
  /** `output_tokens` is estimated from what had come when the answer was cut. */
  readonly estimated: boolean;
}

/** A call with its attempts, in order. `null`: its own row was left out, or it has not ended. */
export interface CallStory {
  readonly call: CallRecord | null;
  readonly attempts: readonly AttemptRecord[];
}

const truths = new Set(['stream', 'queued', 'released', 'estimated']);

/** In a call's row, columns of the attempt that made it whole at once. */
const only = 'only_';

/** The row as a record; its number, and what it tells of an attempt, stay behind. */
function recordOf(row: Row): Record<string, unknown> {
  const entries = Object.entries(row).filter(([name]) => name !== 'seq' && !name.startsWith(only));
  return Object.fromEntries(entries.map(([name, value]) => [name, memberOf(name, value)]));
}

function memberOf(name: string, value: SqlValue): unknown {
  if (name === 'at') return new Date(Number(value)).toISOString();
  if (name === 'recovered') return value === '' ? [] : String(value).split(',');
  return truths.has(name) ? value === 1 : value;
}

/** A row of `ledger_calls` as people and programs are shown it. */
export function callRecord(row: Row): CallRecord {
  return recordOf(row) as unknown as CallRecord;
}

/** The same of a row of `ledger_attempts`. */
export function attemptRecord(row: Row): AttemptRecord {
  return recordOf(row) as unknown as AttemptRecord;
}

/** The attempt of which the call's own row tells; null where each attempt has a row. */
export function onlyAttempt(row: Row): AttemptRecord | null {
  const { id, at, status, request_id, result, route, model, only_total_ms } = row;
  if (only_total_ms === null) return null;
  const own = Object.entries(row).filter(([name]) => name.startsWith(only) && name !== 'only_after_ms');
  // The route is `upstream/model`, and no name of an upstream has a slash.
  const [upstream = ''] = String(route).split('/');
  const told = {
    call_id: id,
    n: 1,
    at: Number(at) + Number(row.only_after_ms),
    reason: 'first',
    upstream,
    model,
    status,
    request_id,
    body_request_id: null,
    result,
    class: null,
    type: null,
    code: null,
    action: null,
    wait_ms: null,
    released: 1,
    estimated: 0,
    ...Object.fromEntries(own.map(([name, value]) => [name.slice(only.length), value])),
  };
  return attemptRecord(told as Row);
}
