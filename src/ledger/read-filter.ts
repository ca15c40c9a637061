import { RidethroughError } from '../core/errors.ts';
import { failureClasses } from '../core/outcome.ts';
import { type CallFilter, type CallResult, callResults, lostClass, type PageEnd } from './filter.ts';
import { pageRows } from './limits.ts';

/** A filter as people write it, on a command line or in a query; what is absent does not matter. */
export interface FilterWords {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly status?: string | undefined;
  readonly class?: string | undefined;
  readonly model?: string | undefined;
  readonly route?: string | undefined;
  readonly result?: string | undefined;
  readonly 'request-id'?: string | undefined;
}

/** The members of `FilterWords`, as a query or a command line names them. */
export const filterNames = ['since', 'until', 'status', 'class', 'model', 'route', 'result', 'request-id'] as const;

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads a filter.
 * @param nowMs what `2h` is counted back from
 * @throws RidethroughError `invalid_usage`, a sentence that names the word
 */
export function readFilter(words: FilterWords, nowMs: number): CallFilter {
  const { since, until, status, model, route } = words;
  return {
    ...(since === undefined ? {} : { sinceMs: readTime('since', since, nowMs) }),
    ...(until === undefined ? {} : { untilMs: readTime('until', until, nowMs) }),
    ...(status === undefined ? {} : { status: readStatus(status) }),
    ...(words.class === undefined ? {} : { class: oneOf('class', words.class, [...failureClasses, lostClass]) }),
    ...(model === undefined ? {} : { model }),
    ...(route === undefined ? {} : { route }),
    ...(words.result === undefined ? {} : { result: oneOf('result', words.result, callResults) as CallResult }),
    ...(words['request-id'] === undefined ? {} : { requestId: words['request-id'] }),
  };
}

/**
 * Reads `90s`, `30m`, `2h`, `7d` (ago), or a date with or without a time (ISO 8601; UTC where it names no zone).
 * @param name what errors call it
 * @throws RidethroughError `invalid_usage`
 */
export function readTime(name: string, text: string, nowMs: number): number {
  const ago = /^(?<count>\d{1,6})(?<unit>[smhd])$/.exec(text)?.groups;
  if (ago !== undefined) return nowMs - Number(ago.count) * (unitMs[ago.unit ?? ''] as number);
  const zoned = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?<zone>Z|[+-]\d\d:\d\d)?)?$/.exec(text);
  const isLocal = zoned !== null && text.includes('T') && zoned.groups?.zone === undefined;
  const timeMs = zoned === null ? Number.NaN : Date.parse(isLocal ? `${text}Z` : text);
  if (!Number.isNaN(timeMs)) return timeMs;
  throw wrong(`"${name}" wants a time ago such as 30m, 2h or 7d, or a date such as 2026-11-22T14:00, not "${text}".`);
}

/** `429`, or `5xx`. */
function readStatus(text: string): { from: number; to: number } {
  if (/^[1-5]xx$/.test(text)) return { from: Number(text[0]) * 100, to: Number(text[0]) * 100 + 99 };
  if (/^[1-5]\d\d$/.test(text)) return { from: Number(text), to: Number(text) };
  throw wrong(`"status" wants a status such as 429 or 5xx, not "${text}".`);
}

function oneOf(name: string, text: string, known: readonly string[]): string {
  if (known.includes(text)) return text;
  throw wrong(`"${name}" wants one of ${known.join(', ')}, not "${text}".`);
}

/** Reads how many rows are wanted. @throws RidethroughError `invalid_usage` */
export function readLimit(text: string | null): number {
  if (text === null) return pageRows.usual;
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= pageRows.most) return limit;
  throw wrong(`"limit" wants a whole number from 1 to ${pageRows.most}, not "${text}".`);
}

/** A place between two rows, as a page names it for whoever wants the next. */
export function cursorOf({ atMs, seq }: PageEnd): string {
  return `${atMs}-${seq}`;
}

/** @throws RidethroughError `invalid_usage` for what no page has named */
export function readCursor(text: string | null): PageEnd | null {
  if (text === null) return null;
  const parts = /^(?<at>\d{1,15})-(?<seq>\d{1,15})$/.exec(text)?.groups;
  if (parts === undefined) throw wrong('"cursor" wants what a page calls `next_cursor`.');
  return { atMs: Number(parts.at), seq: Number(parts.seq) };
}

function wrong(message: string): RidethroughError {
  return new RidethroughError('invalid_usage', message);
}
