import type { SqlValue, Statement } from '../store/store.ts';
import { type RowKind, type Rows, rowKinds, type Tally } from './backlog.ts';
import { statementRows } from './limits.ts';
import { attemptColumns, callColumns, healthyColumns } from './row.ts';

interface Target {
  readonly table: string;
  readonly columns: readonly string[];
}

const attempts: Target = { table: 'ledger_attempts', columns: attemptColumns };
const targets: Readonly<Record<RowKind, Target>> = {
  healthy_calls: { table: 'ledger_calls', columns: healthyColumns },
  attempts,
  calls: { table: 'ledger_calls', columns: callColumns },
  failed_attempts: attempts,
};

/** By target and number of rows. */
const texts = new Map<Target, Map<number, string>>();

/** The statements that write these rows. Whoever is not sure that they were run may run them again. */
export function insertStatements(rows: Rows): Statement[] {
  return rowKinds.toReversed().flatMap((kind) => insertsInto(targets[kind], rows[kind]));
}

/** Many rows a statement, and the rest one by one, so that there are two texts of each. */
function insertsInto(target: Target, rows: readonly (readonly SqlValue[])[]): Statement[] {
  const statements: Statement[] = [];
  for (let at = 0; at < rows.length; ) {
    const count = rows.length - at >= statementRows ? statementRows : 1;
    const values = count === 1 ? (rows[at] as readonly SqlValue[]) : rows.slice(at, at + count).flat();
    statements.push({ sql: insertText(target, count), values });
    at += count;
  }
  return statements;
}

function insertText(target: Target, count: number): string {
  const known = texts.get(target)?.get(count);
  if (known !== undefined) return known;
  const { table, columns } = target;
  const row = (index: number) =>
    `(${columns.map((_name, column) => `$${index * columns.length + column + 1}`).join(', ')})`;
  const rows = Array.from({ length: count }, (_value, index) => row(index)).join(', ');
  const text = `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${rows} ON CONFLICT DO NOTHING`;
  texts.set(target, (texts.get(target) ?? new Map<number, string>()).set(count, text));
  return text;
}

/** Writes down that rows are missing. */
export function dropStatement({ healthy_calls, calls, attempts, failed_attempts }: Tally): Statement {
  return {
    sql: `INSERT INTO ledger_drops (at, healthy_calls, calls, attempts, failed_attempts)
          VALUES (rt_now(), $1, $2, $3, $4)`,
    values: [healthy_calls, calls, attempts, failed_attempts],
  };
}
