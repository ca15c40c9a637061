import type { SqlValue, Statement } from '../store/store.ts';
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
export function insertStatements(rows: readonly WaitingRow[]): Statement[] {
  const byTable: Record<Table, (readonly SqlValue[])[]> = { ledger_calls: [], ledger_attempts: [] };
  for (const { kind, values } of rows) byTable[tables[kind]].push(values);
  return [
    ...insertsInto('ledger_calls', byTable.ledger_calls),
    ...insertsInto('ledger_attempts', byTable.ledger_attempts),
  ];
}

function insertsInto(table: Table, rows: readonly (readonly SqlValue[])[]): Statement[] {
  const statements: Statement[] = [];
  for (let at = 0; at < rows.length; ) {
    const count = rows.length - at >= statementRows ? statementRows : 1;
    statements.push({ sql: insertText(table, count), values: rows.slice(at, at + count).flat() });
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
