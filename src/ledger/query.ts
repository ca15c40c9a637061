import type { Row, Store } from '../store/store.ts';
import { type CallFilter, callsStatement, type PageEnd } from './filter.ts';
import { pageRows } from './limits.ts';
import {
  type AttemptRecord,
  attemptRecord,
  type CallRecord,
  type CallStory,
  callRecord,
  onlyAttempt,
} from './record.ts';

/** One page of calls, the newest first. */
export interface CallPage {
  readonly calls: readonly CallRecord[];
  /** Where the next page begins; null when this was the last. */
  readonly next: PageEnd | null;
}

/** @throws StoreError */
export async function listCalls(
  store: Store,
  filter: CallFilter,
  limit: number,
  after: PageEnd | null = null,
): Promise<CallPage> {
  const { rows, next } = await pageOf(store, filter, limit, after);
  return { calls: rows.map(callRecord), next };
}

async function pageOf(store: Store, filter: CallFilter, limit: number, after: PageEnd | null) {
  const rows = await store.read(callsStatement(filter, limit, after));
  const last = rows.at(-1);
  return { rows, next: last === undefined || rows.length < limit ? null : pageEnd(last) };
}

function pageEnd(row: Row): PageEnd {
  return { atMs: Number(row.at), seq: Number(row.seq) };
}

/**
 * A call with its attempts, by its `ridethrough-id` or by any `request-id` of its attempts.
 * @returns null when the ledger knows no such id
 * @throws StoreError
 */
export async function showCall(store: Store, id: string): Promise<CallStory | null> {
  const [named] = await store.read({
    sql: `SELECT call_id FROM ledger_attempts WHERE call_id = $1 OR request_id = $1 OR body_request_id = $1
          ORDER BY seq DESC LIMIT 1`,
    values: [id],
  });
  const [call] = await store.read({
    sql: `SELECT * FROM ledger_calls WHERE id = $1 OR request_id = $2 ORDER BY seq DESC LIMIT 1`,
    values: [named === undefined ? id : String(named.call_id), named === undefined ? id : null],
  });
  if (call !== undefined) return (await withAttempts(store, [call]))[0] ?? null;
  return named === undefined ? null : { call: null, attempts: await attemptsOf(store, [String(named.call_id)]) };
}

/** Rows of calls as records, with their attempts. */
async function withAttempts(store: Store, rows: readonly Row[]): Promise<(CallStory & { call: CallRecord })[]> {
  const several = rows.filter((row) => row.only_total_ms === null).map(({ id }) => String(id));
  const attempts = Map.groupBy(await attemptsOf(store, several), ({ call_id }) => call_id);
  return rows.map((row) => {
    const one = onlyAttempt(row);
    return { call: callRecord(row), attempts: one === null ? (attempts.get(String(row.id)) ?? []) : [one] };
  });
}

async function attemptsOf(store: Store, callIds: readonly string[]): Promise<AttemptRecord[]> {
  if (callIds.length === 0) return [];
  const places = callIds.map((_id, index) => `$${index + 1}`).join(', ');
  const sql = `SELECT * FROM ledger_attempts WHERE call_id IN (${places}) ORDER BY call_id, n`;
  return (await store.read({ sql, values: callIds })).map(attemptRecord);
}

/**
 * Every call that is wanted, the newest first, with its attempts: page by page, so that a million
 * need no more memory than a hundred.
 * @throws StoreError
 */
export async function* eachStory(store: Store, filter: CallFilter): AsyncGenerator<CallStory & { call: CallRecord }> {
  for (let after: PageEnd | null = null; ; ) {
    const { rows, next }: Awaited<ReturnType<typeof pageOf>> = await pageOf(store, filter, pageRows.export, after);
    yield* await withAttempts(store, rows);
    if (next === null) return;
    after = next;
  }
}
