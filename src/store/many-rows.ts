import { rowsOfText } from './bounds.ts';
import { type RowPack, type Statement, StoreError } from './store.ts';

/** Where the rows stand in a statement's text. */
const token = '{rows}';

/** A text of so many rows, for each text that is asked for. */
const texts = new Map<string, Map<number, string>>();

/**
 * The statements that say for a few rows each what one says for all of them: so there are two texts
 * of it, one of many rows and one of a single row, which a back end can know again.
 * @throws StoreError `refused` where a value holds a line feed
 */
export function* statementsOf(sql: string, rows: RowPack): Generator<Statement> {
  const { count } = rows;
  if (count === 0) return;
  const numbersWidth = rows.numbers.length / count;
  const all = rows.texts.split('\n');
  const textsWidth = all.length / count;
  if (!Number.isInteger(textsWidth)) throw new StoreError('refused', 'A text of many rows held a line feed.');
  for (let row = 0; row < count; ) {
    const group = count - row >= rowsOfText ? rowsOfText : 1;
    const values: (string | number | null)[] = [];
    for (const end = row + group; row < end; row++) {
      for (let at = row * numbersWidth; at < (row + 1) * numbersWidth; at++) values.push(numberOf(rows.numbers[at]));
      for (let at = row * textsWidth; at < (row + 1) * textsWidth; at++) values.push(textOf(all[at]));
    }
    yield { sql: textOfRows(sql, group, numbersWidth + textsWidth), values };
  }
}

function numberOf(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}

function textOf(value: string | undefined): string | null {
  return value === undefined || value === '\0' ? null : value;
}

function textOfRows(sql: string, count: number, width: number): string {
  const known = texts.get(sql)?.get(count);
  if (known !== undefined) return known;
  const row = (index: number) =>
    `(${Array.from({ length: width }, (_value, column) => `$${index * width + column + 1}`).join(', ')})`;
  const rows = Array.from({ length: count }, (_value, index) => row(index)).join(', ');
  const text = sql.replace(token, () => rows);
  texts.set(sql, (texts.get(sql) ?? new Map<number, string>()).set(count, text));
  return text;
}
