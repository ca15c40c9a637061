import type { SqlValue, Statement } from '../store/store.ts';

/** Which calls are wanted; what is absent does not matter. */
export interface CallFilter {
  /** Came at or after, before; milliseconds since the epoch. */
  readonly sinceMs?: number;
  readonly untilMs?: number;
  /** Final status: 429, or 500–599 for `5xx`. */
  readonly status?: { readonly from: number; readonly to: number };
  /** A failure class that the call ended with or one of its attempts met, or `lostClass`. */
  readonly class?: string;
  readonly model?: string;
  /** `upstream/model` that it ended on. */
  readonly route?: string;
  /** `recovered`: whole, but not at the first attempt. */
  readonly result?: CallResult;
  /** The `ridethrough-id`, or any id that an upstream gave one of its attempts. */
  readonly requestId?: string;
}

/** Beside the failure classes: what was under way when its gateway ended. */
export const lostClass = 'lost';

/** Results that can be asked for: `recovered` is whole, but not at the first attempt; `whole` takes those in. */
export const callResults = ['whole', 'recovered', 'failed', 'aborted'] as const;
export type CallResult = (typeof callResults)[number];

/** Behind which row a page begins: rows are read from the newest to the oldest. */
export interface PageEnd {
  readonly atMs: number;
  readonly seq: number;
}

/** Conditions with their parameters, numbered as they are added. */
class Conditions {
  readonly values: SqlValue[] = [];
  readonly #texts: string[] = [];

  /** @param text with a `?` for each value */
  add(text: string, ...values: SqlValue[]): void {
    this.#texts.push(
      text.replaceAll('?', () => {
        this.values.push(values.shift() ?? null);
        return `$${this.values.length}`;
      }),
    );
  }

  get where(): string {
    return this.#texts.length === 0 ? '' : `WHERE ${this.#texts.join(' AND ')}`;
  }
}

/** The rows of the calls that are wanted, the newest first. */
export function callsStatement(filter: CallFilter, limit: number, after: PageEnd | null): Statement {
  const conditions = conditionsOf(filter);
  if (after !== null) conditions.add('(at < ? OR (at = ? AND seq < ?))', after.atMs, after.atMs, after.seq);
  const values = [...conditions.values, limit];
  const calls = filter.class === lostClass ? `(${lostCalls}) AS lost` : 'ledger_calls';
  return {
    sql: `SELECT * FROM ${calls} ${conditions.where} ORDER BY at DESC, seq DESC LIMIT $${values.length}`,
    values,
  };
}

/** A lost attempt as a call of its own: nobody was left to write the row of the call. */
const lostCalls = `SELECT seq, call_id AS id, at, total_ms, 'messages' AS endpoint, model, 0 AS stream, 'unknown' AS priority,
    '' AS caller, NULL AS client, NULL AS client_retries, result, status, request_id, NULL AS error_class,
    NULL AS error_type, NULL AS error_code, 0 AS queued, 1 AS attempts, '' AS recovered, upstream AS route,
    NULL AS only_total_ms
  FROM ledger_attempts WHERE result = 'lost'`;

function conditionsOf(filter: CallFilter): Conditions {
  const conditions = new Conditions();
  if (filter.sinceMs !== undefined) conditions.add('at >= ?', filter.sinceMs);
  if (filter.untilMs !== undefined) conditions.add('at < ?', filter.untilMs);
  if (filter.status !== undefined) conditions.add('status BETWEEN ? AND ?', filter.status.from, filter.status.to);
  if (filter.model !== undefined) conditions.add('model = ?', filter.model);
  if (filter.route !== undefined) conditions.add('route = ?', filter.route);
  if (filter.result === 'recovered') conditions.add("result = 'whole' AND recovered <> ''");
  else if (filter.result !== undefined) conditions.add('result = ?', filter.result);
  if (filter.class !== undefined && filter.class !== lostClass) {
    const met = 'EXISTS (SELECT 1 FROM ledger_attempts WHERE call_id = ledger_calls.id AND class = ?)';
    conditions.add(`(error_class = ? OR ${met})`, filter.class, filter.class);
  }
  if (filter.requestId !== undefined) {
    const named = 'SELECT call_id FROM ledger_attempts WHERE request_id = ? OR body_request_id = ?';
    const { requestId } = filter;
    conditions.add(`(id = ? OR request_id = ? OR id IN (${named}))`, requestId, requestId, requestId, requestId);
  }
  return conditions;
}
