import type { SqlValue, Statement, Store } from '../store/store.ts';
import type { RowKind, Tally, WaitingRow } from './backlog.ts';
import { statementRows } from './limits.ts';
import { attemptColumns, callColumns } from './row.ts';

const tables: Readonly<Record<RowKind, 'ledger_calls' | 'ledger_attempts'>> = {
  calls: 'ledger_calls',
  attempts: 'ledger_attempts',
  failed_attempts: 'ledger_attempts',
};
const columns = { ledger_calls: callColumns, ledger_attempts: attemptColumns } as const;
type Table = keyof typeof columns;

/** By table and number of rows. */
const texts = new Map<string, string>();

/** The statements that write these rows. Whoever is not sure that they were run may run them again. */
export function insertStatements(rows: readonly WaitingRow[], kind: Store['kind']): Statement[] {
  const byTable: Record<Table, (readonly SqlValue[])[]> = { ledger_calls: [], ledger_attempts: [] };
  for (const row of rows) byTable[tables[row.kind]].push(row.values);
  const rowsMax = statementRows[kind];
  return [
    ...insertsInto('ledger_calls', byTable.ledger_calls, rowsMax),
    ...insertsInto('ledger_attempts', byTable.ledger_attempts, rowsMax),
  ];
}

function insertsInto(table: Table, rows: readonly (readonly SqlValue[])[], rowsMax: number): Statement[] {
  const statements: Statement[] = [];
  for (let at = 0; at < rows.length; ) {
    const count = rows.length - at >= rowsMax ? rowsMax : 1;
    statements.push({
      sql: insertText(table, count),
      values: count === 1 ? (rows[at] as readonly SqlValue[]) : rows.slice(at, at + count).flat(),
    });
    at += count;
  }
  return statements;
}

function insertText(table: Table, count: number): string {
  const key = `${table} ${count}`;
  const known = texts.get(key);
  if (known !== undefined) return known;
  const names = columns[table];
  const row = (index: number) =>
    `(${names.map((_name, column) => `$${index * names.length + column + 1}`).join(', ')})`;
  const rows = Array.from({ length: count }, (_value, index) => row(index)).join(', ');
  const text = `INSERT INTO ${table} (${names.join(', ')}) VALUES ${rows} ON CONFLICT DO NOTHING`;
  texts.set(key, text);
  return text;
}

/** Writes down that rows are missing. */
export function dropStatement(dropped: Tally): Statement {
  return {
    sql: 'INSERT INTO ledger_drops (at, calls, attempts, failed_attempts) VALUES (rt_now(), $1, $2, $3)',
    values: [dropped.calls, dropped.attempts, dropped.failed_attempts],
  };
}
