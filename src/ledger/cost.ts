import { answerLost } from '../core/outcome.ts';
import type { Row, Store } from '../store/store.ts';
import { bytesPerToken } from './limits.ts';
import { type BilledTokens, costOf } from './prices.ts';

/** What failures of one class cost on one day with one model. */
export interface FailureCost extends BilledTokens {
  /** `2026-11-22`, UTC. */
  readonly day: string;
  readonly model: string | null;
  /**
   * The failure class; `aborted`: the caller left before a word had reached it; `lost`: the gateway
   * ended while it was sending queued work; `resumed`: the input was billed again so that a broken
   * stream could be continued.
   */
  readonly class: string;
  readonly attempts: number;
  /** Attempts that told what they were billed. */
  readonly billed: number;
  /** Attempts of which nobody knows whether they were billed: sent, and broken before they told. */
  readonly unknown: number;
  /** What the input of the unknown would cost, estimated from its bytes; null where the model's price is not known. */
  readonly unknownUsd: number | null;
  /** Output tokens were estimated for some. */
  readonly estimated: boolean;
  /** At list prices, without the unknown; null where the model's price is not known. */
  readonly usd: number | null;
}

const dayMs = 86_400_000;

/** A condition: it may have been billed, and has not told. */
const isUnknown = `(input_tokens IS NULL AND COALESCE(bytes_sent, 1) <> 0 AND (result IN ('aborted', 'lost')
  OR class IN (${answerLost.map((each) => `'${each}'`).join(', ')})))`;

/**
 * Attempts of which nothing reached a caller, and the input of those that continued another. Errors
 * that came in place of an answer are taken to be free; what broke without a word, to be unknown.
 */
const text = `
  SELECT at / ${dayMs} AS day, model,
    CASE WHEN reason = 'resume' THEN 'resumed' WHEN result = 'failed' THEN class ELSE result END AS class,
    COUNT(*) AS attempts,
    SUM(CASE WHEN input_tokens IS NULL THEN 0 ELSE 1 END) AS billed,
    SUM(CASE WHEN ${isUnknown} THEN 1 ELSE 0 END) AS unknown,
    SUM(CASE WHEN ${isUnknown} THEN COALESCE(bytes_sent, 0) ELSE 0 END) AS unknown_bytes,
    SUM(COALESCE(input_tokens, 0)) AS input,
    SUM(COALESCE(cache_write_tokens, 0)) AS cache_write,
    SUM(COALESCE(cache_read_tokens, 0)) AS cache_read,
    SUM(CASE WHEN reason = 'resume' THEN 0 ELSE COALESCE(output_tokens, 0) END) AS output,
    MAX(CASE WHEN reason = 'resume' THEN 0 ELSE estimated END) AS estimated
  FROM ledger_attempts
  WHERE at >= $1 AND at < $2 AND (reason = 'resume' OR (result <> 'whole' AND released = 0))
  GROUP BY 1, 2, 3
  ORDER BY 1 DESC, 2, 3`;

/**
 * What was spent on attempts that did not reach a caller, by day, model and class.
 * @throws StoreError
 */
export async function failureCosts(store: Store, sinceMs: number, untilMs: number): Promise<FailureCost[]> {
  return (await store.read({ sql: text, values: [sinceMs, untilMs] })).map(costRow);
}

/** What failures cost in all. */
export interface CostSum extends Pick<FailureCost, 'billed' | 'unknown'> {
  /** Of what has a price. */
  readonly usd: number;
  readonly unknownUsd: number;
}

/** All rows in one; what has no price counts as 0. */
export function sumOfCosts(costs: readonly FailureCost[]): CostSum {
  const sum = (pick: (cost: FailureCost) => number | null) =>
    costs.reduce((total, each) => total + (pick(each) ?? 0), 0);
  return {
    billed: sum(({ billed }) => billed),
    unknown: sum(({ unknown }) => unknown),
    usd: sum(({ usd }) => usd),
    unknownUsd: sum(({ unknownUsd }) => unknownUsd),
  };
}

const noTokens: BilledTokens = { input: 0, cacheWrite: 0, cacheRead: 0, output: 0 };

function costRow(row: Row): FailureCost {
  const model = row.model === null ? null : String(row.model);
  const tokens = {
    input: Number(row.input),
    cacheWrite: Number(row.cache_write),
    cacheRead: Number(row.cache_read),
    output: Number(row.output),
  };
  return {
    day: new Date(Number(row.day) * dayMs).toISOString().slice(0, 10),
    model,
    class: String(row.class),
    attempts: Number(row.attempts),
    billed: Number(row.billed),
    unknown: Number(row.unknown),
    unknownUsd: costOf(model, { ...noTokens, input: Number(row.unknown_bytes) / bytesPerToken }),
    ...tokens,
    estimated: row.estimated === 1,
    usd: costOf(model, tokens),
  };
}
