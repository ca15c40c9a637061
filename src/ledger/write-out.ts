import type { CallRecord, CallStory } from './record.ts';

/** Columns of a table, in an order for people. */
const callColumns = [
  ...['id', 'at', 'total_ms', 'endpoint', 'model', 'stream', 'priority', 'caller', 'client', 'client_retries'],
  ...['result', 'status', 'request_id', 'error_class', 'error_type', 'error_code', 'queued', 'attempts'],
  ...['recovered', 'route'],
] as const;
const attemptColumns = [
  ...['n', 'at', 'reason', 'upstream', 'model', 'credential', 'first_byte_ms', 'total_ms', 'status', 'request_id'],
  ...['body_request_id', 'result', 'class', 'type', 'code', 'action', 'wait_ms', 'released', 'bytes_sent'],
  ...['bytes_received', 'input_tokens', 'cache_write_tokens', 'cache_read_tokens', 'output_tokens', 'estimated'],
] as const;

/** The forms of an export: a line of JSON a call with its attempts, or a line of a table an attempt. */
export const exportFormats = ['jsonl', 'csv'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** What an export writes of each call, and before the first. */
export interface Writer {
  readonly head: string;
  lines(story: CallStory & { readonly call: CallRecord }): string;
}

/** One for each format of `ledger export`. */
export const writers: Readonly<Record<ExportFormat, Writer>> = {
  jsonl: { head: '', lines: ({ call, attempts }) => `${JSON.stringify({ ...call, attempts })}\n` },
  csv: {
    head: csvLine([...callColumns.map((name) => `call_${name}`), ...attemptColumns]),
    lines: ({ call, attempts }) => {
      const cells = callColumns.map((name) => call[name as keyof CallRecord]);
      // A call that no route could take has no attempt, and is a call all the same.
      const rows = attempts.length === 0 ? [null] : attempts;
      return rows
        .map((attempt) => csvLine([...cells, ...attemptColumns.map((name) => attempt?.[name] ?? null)]))
        .join('');
    },
  },
};

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
