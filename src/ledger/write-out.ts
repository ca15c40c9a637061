import type { CallRecord, CallStory } from './record.ts';
import { attemptColumns, callColumns } from './row.ts';

/** The forms of an export: a line of JSON a call with its attempts, or a line of a table an attempt. */
export const exportFormats = ['jsonl', 'csv'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** What an export writes of each call, and before the first. */
export interface Writer {
  readonly head: string;
  lines(story: CallStory & { readonly call: CallRecord }): string;
}

export const writers: Readonly<Record<ExportFormat, Writer>> = {
  jsonl: { head: '', lines: ({ call, attempts }) => `${JSON.stringify({ ...call, attempts })}\n` },
  csv: {
    head: csvLine([...callColumns.map((name) => `call_${name}`), ...ownColumns()]),
    lines: ({ call, attempts }) => {
      const cells = callColumns.map((name) => call[name as keyof CallRecord]);
      // A call that no route could take has no attempt, and is a call all the same.
      const rows = attempts.length === 0 ? [null] : attempts;
      return rows
        .map((attempt) => csvLine([...cells, ...ownColumns().map((name) => attempt?.[name] ?? null)]))
        .join('');
    },
  },
};

function ownColumns(): Exclude<(typeof attemptColumns)[number], 'call_id'>[] {
  return attemptColumns.filter((name) => name !== 'call_id');
}

function csvLine(cells: readonly unknown[]): string {
  return `${cells.map(csvCell).join(',')}\n`;
}

/** @see RFC 4180; a cell that a spreadsheet would take for a formula gets an apostrophe in front */
function csvCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = Array.isArray(value) ? value.join(' ') : String(value);
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
