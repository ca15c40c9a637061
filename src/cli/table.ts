import { fit } from './text.ts';

/** One column of a table for people. */
export interface Column<T> {
  readonly head: string;
  /** Characters; what is longer is cut. */
  readonly width: number;
  readonly right?: boolean;
  cell(row: T): string;
  /** Colours a cell that has its width already. */
  paint?(row: T, cell: string): string;
}

const gap = '  ';

/** A head and a line for each row, none wider than the columns and the gaps between them. */
export function tableLines<T>(columns: readonly Column<T>[], rows: readonly T[]): string[] {
  const head = columns.map((column) => aligned(column, column.head)).join(gap);
  const lines = rows.map((row) =>
    columns.map((column) => {
      const cell = aligned(column, column.cell(row));
      return column.paint?.(row, cell) ?? cell;
    }),
  );
  return [head, ...lines.map((cells) => cells.join(gap))].map((line) => line.trimEnd());
}

function aligned<T>({ width, right = false }: Column<T>, text: string): string {
  return right && text.length <= width ? text.padStart(width) : fit(text, width);
}
