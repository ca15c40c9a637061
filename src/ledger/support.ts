import type { Row, Store } from '../store/store.ts';
import { type CostSum, failureCosts, sumOfCosts } from './cost.ts';
import { supportAttemptsMax } from './limits.ts';

/** One failed attempt as the provider's support can look it up. */
export interface SupportAttempt {
  readonly at: string;
  readonly request_id: string | null;
  /** Where the error's body named another id than its header. */
  readonly body_request_id: string | null;
  readonly model: string | null;
  readonly status: number | null;
  readonly class: string;
  readonly type: string | null;
  readonly code: string | null;
}

/** How often a class of failure was met with a model within an hour. */
export interface SupportCount {
  /** `2026-11-22T14:00Z` */
  readonly hour: string;
  readonly model: string | null;
  readonly class: string;
  readonly attempts: number;
}

/**
 * What the provider's support asks for: which requests failed, when and how. Nothing in it tells who
 * called, from where, or what was said.
 */
export interface SupportBundle {
  readonly since: string;
  readonly until: string;
  readonly versions: { readonly ridethrough: string; readonly node: string; readonly platform: string };
  /** Clients by the name and version they gave, with their calls. */
  readonly clients: Readonly<Record<string, number>>;
  /** Calls by result. */
  readonly calls: Readonly<Record<string, number>>;
  readonly counts: readonly SupportCount[];
  /** The newest failed attempts, 500 at most. */
  readonly attempts: readonly SupportAttempt[];
  /** Failed attempts in all. */
  readonly failedAttempts: number;
  /** Attempts that were, or may have been, billed although their answers reached nobody, or were asked for again. */
  readonly billing: CostSum;
  /** Rows that were left out of the ledger meanwhile. */
  readonly missing: number;
}

/** @throws StoreError */
export async function supportBundle(
  store: Store,
  range: { readonly sinceMs: number; readonly untilMs: number },
  versions: SupportBundle['versions'],
): Promise<SupportBundle> {
  const { sinceMs, untilMs } = range;
  const ask = (sql: string) => store.read({ sql, values: [sinceMs, untilMs] });
  const within = 'at >= $1 AND at < $2';
  const [counts, attempts, calls, clients, missing, costs] = await Promise.all([
    ask(`SELECT at / 3600000 AS hour, model, class, COUNT(*) AS attempts FROM ledger_attempts
         WHERE class IS NOT NULL AND ${within} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`),
    ask(`SELECT at, request_id, body_request_id, model, status, class, type, code FROM ledger_attempts
         WHERE class IS NOT NULL AND ${within} ORDER BY at DESC, seq DESC LIMIT ${supportAttemptsMax}`),
    ask(`SELECT result AS name, COUNT(*) AS calls FROM ledger_calls WHERE ${within} GROUP BY 1 ORDER BY 2 DESC`),
    ask(`SELECT COALESCE(client, 'unknown') AS name, COUNT(*) AS calls FROM ledger_calls WHERE ${within}
         GROUP BY 1 ORDER BY 2 DESC LIMIT 20`),
    ask(
      `SELECT COALESCE(SUM(healthy_calls + calls + attempts + failed_attempts), 0) AS missing FROM ledger_drops WHERE ${within}`,
    ),
    failureCosts(store, sinceMs, untilMs),
  ]);
  return {
    since: isoOf(sinceMs),
    until: isoOf(untilMs),
    versions,
    clients: byName(clients),
    calls: byName(calls),
    counts: counts.map(countOf),
    attempts: attempts.map((row) => ({ ...row, at: isoOf(Number(row.at)) }) as unknown as SupportAttempt),
    failedAttempts: counts.reduce((sum, row) => sum + Number(row.attempts), 0),
    billing: sumOfCosts(costs),
    missing: Number(missing[0]?.missing ?? 0),
  };
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

function byName(rows: readonly Row[]): Record<string, number> {
  return Object.fromEntries(rows.map(({ name, calls }) => [String(name), Number(calls)]));
}

function countOf(row: Row): SupportCount {
  return {
    hour: `${isoOf(Number(row.hour) * 3_600_000).slice(0, 16)}Z`,
    model: row.model === null ? null : String(row.model),
    class: String(row.class),
    attempts: Number(row.attempts),
  };
}
