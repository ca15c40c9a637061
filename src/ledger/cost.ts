import type { Row, Store } from '../store/store.ts';
import { type BilledTokens, costOf } from './prices.ts';

/** What failures of one class cost on one day with one model. */
export interface FailureCost extends BilledTokens {
  /** `2026-11-22`, UTC. */
  readonly day: string;
  readonly model: string | null;
  /**
   * The failure class; `aborted`: the caller left before a word had reached it; `resumed`: the
   * input was billed again so that a broken stream could be continued.
   */
  readonly class: string;
  readonly attempts: number;
  /** Attempts of which nobody knows whether they were billed: sent, and broken before they told. */
  readonly unknown: number;
  /** Output tokens were estimated for some. */
  readonly estimated: boolean;
  /** At list prices, without the unknown; null where the model's price is not known. */
  readonly usd: number | null;
}

const dayMs = 86_400_000;

/**
 * Attempts of which nothing reached a caller, and the input of those that continued another. Errors
 * that came in place of an answer are taken to be free; what broke without a word, to be unknown.
 */
const text = `
  SELECT at / ${dayMs} AS day, model,
    CASE WHEN reason = 'resume' THEN 'resumed' WHEN result = 'aborted' THEN 'aborted' ELSE class END AS class,
    COUNT(*) AS attempts,
    SUM(CASE WHEN input_tokens IS NULL AND bytes_sent <> 0
      AND (result = 'aborted' OR class IN ('timeout', 'network', 'truncated', 'stalled', 'protocol'))
      THEN 1 ELSE 0 END) AS unknown,
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
    unknown: Number(row.unknown),
    ...tokens,
    estimated: row.estimated === 1,
    usd: costOf(model, tokens),
  };
}
