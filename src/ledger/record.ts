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
  readonly result: 'whole' | 'failed' | 'aborted';
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
  readonly result: 'whole' | 'failed' | 'aborted';
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

/** The row as a record; its number stays behind. */
function recordOf(row: Row): Record<string, unknown> {
  const entries = Object.entries(row).filter(([name]) => name !== 'seq');
  return Object.fromEntries(entries.map(([name, value]) => [name, memberOf(name, value)]));
}

function memberOf(name: string, value: SqlValue): unknown {
  if (name === 'at') return new Date(Number(value)).toISOString();
  if (name === 'recovered') return value === '' ? [] : String(value).split(',');
  return truths.has(name) ? value === 1 : value;
}

export function callRecord(row: Row): CallRecord {
  return recordOf(row) as unknown as CallRecord;
}

export function attemptRecord(row: Row): AttemptRecord {
  return recordOf(row) as unknown as AttemptRecord;
}
