import type { SqlValue, Statement } from '../store/store.ts';

/**
 * Writes down attempts that were under way when their process ended: nobody knows what came of them,
 * and they may have been billed. It belongs in the transaction that gives them up. Each is written once.
 * @param select the text of a query of `call_id`, `at`, `total_ms`, `model`, `credential` and
 *   `bytes_sent`, a row an attempt, with its values
 */
export function lostAttempts(select: string, values: readonly SqlValue[] = []): Statement {
  const known = 'call_id, at, total_ms, model, credential, bytes_sent';
  return {
    sql: `INSERT INTO ledger_attempts (${known}, n, reason, upstream, result, released, bytes_received, estimated)
          SELECT ${known}, ${lostIndex}, 'first', 'unknown', 'lost', 0, 0, 0 FROM (${select}) AS lost WHERE TRUE
          ON CONFLICT DO NOTHING`,
    values,
  };
}

/** Its place among its call's attempts, of which some may be written down: nobody knows how many there were. */
const lostIndex = 0;

/** A condition: this attempt is written down as lost. @param callId an expression */
export function isLost(callId: string): string {
  return `EXISTS (SELECT 1 FROM ledger_attempts WHERE call_id = ${callId} AND n = ${lostIndex})`;
}
