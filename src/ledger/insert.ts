import type { Statement } from '../store/store.ts';
import type { Rows, Tally } from './backlog.ts';
import { type Layout, layouts, rowKinds } from './layout.ts';

/** The statements that write these rows. Whoever is not sure that they were run may run them again. */
export function insertStatements(rows: Rows): Statement[] {
  return rowKinds
    .toReversed()
    .filter((kind) => rows[kind].count > 0)
    .map((kind) => ({ sql: insertText(layouts[kind]), values: [], rows: rows[kind] }));
}

function insertText({ table, numbers, texts }: Layout): string {
  return `INSERT INTO ${table} (${[...numbers, ...texts].join(', ')}) VALUES {rows} ON CONFLICT DO NOTHING`;
}

/** Writes down that rows are missing. */
export function dropStatement({ healthy_calls, calls, attempts, failed_attempts }: Tally): Statement {
  return {
    sql: `INSERT INTO ledger_drops (at, healthy_calls, calls, attempts, failed_attempts)
          VALUES (rt_now(), $1, $2, $3, $4)`,
    values: [healthy_calls, calls, attempts, failed_attempts],
  };
}
