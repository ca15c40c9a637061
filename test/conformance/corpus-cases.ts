import { type CorpusCase, corpus, notPlayable } from '../../src/faults/index.ts';

/** Cases that cannot be put before a door as they were recorded, with the reason. */
export const leftOut: ReadonlyMap<string, string> = new Map([
  ...notPlayable,
  ['413-reset-while-uploading', 'a body over the limit is refused at the door and never reaches an upstream'],
]);

export const cases: readonly CorpusCase[] = corpus().filter((recorded) => !leftOut.has(recorded.id));

/** A case as one of the two kinds of request meets it. */
export interface Strike {
  readonly recorded: CorpusCase;
  readonly stream: boolean;
}

export const strikes: readonly Strike[] = cases.flatMap((recorded) => [
  { recorded, stream: true },
  { recorded, stream: false },
]);

/**
 * How a strike is to be handled. `heals`: attempted again until it is gone. `passes`: it is an answer.
 * `is told`: told at once, as it came. `is cut`: broken after words have reached the caller.
 */
export type Handling = 'heals' | 'passes' | 'is told' | 'is cut';

export function handlingOf({ recorded, stream }: Strike): Handling {
  const { action, type } = recorded.expect;
  // Before an answer in one piece has come whole, nothing of it is released: there is no middle to resume.
  if (action === 'resume') return stream ? 'is cut' : 'heals';
  if (action === 'surface') return type === 'ok' || type === 'refusal' ? 'passes' : 'is told';
  // R4: a model that is gone is not asked again, nor one whose 429 concerns it alone. An outage of one
  // account or model looks like any other 500 or 529 until it persists.
  if (action === 'fallback') return recorded.id.startsWith('5') ? 'heals' : 'is told';
  // R1: nothing waits beyond the deadline; told the hour to wait, the caller is answered at once.
  if (action === 'queue') return waitSecondsOf(recorded) > 3_000 ? 'is told' : 'heals';
  return 'heals';
}

/** Seconds that the case asks callers to wait, by header or body; 0 where it names none. */
export function waitSecondsOf({ http, body }: CorpusCase): number {
  const named = http.headers['retry-after'] ?? /"retry_after":(\d+)/.exec(body ?? '')?.[1];
  return Number(named ?? 0);
}

/** R3: an answer in one piece that does not begin is waited for until the deadline, because it may be long in the making. */
export function waitsForHead({ recorded, stream }: Strike): boolean {
  return !stream && ['net-connect-timeout', '200-pings-only-no-progress'].includes(recorded.id);
}

/** Statuses of errors that are found inside a 200 (R2). */
const statusOfType: Readonly<Record<string, number>> = {
  overloaded_error: 529,
  api_error: 500,
  rate_limit_error: 429,
  invalid_request_error: 400,
};

/** The status that a caller sees in the end: the upstream's own, that of an error inside a 200, or ours (R7). */
export function finalStatusOf({ recorded }: Strike): number {
  const { http, then, expect } = recorded;
  if (http.status !== null && http.status >= 400) return http.status;
  if (then === 'stall') return 504;
  const error = errorOf(recorded);
  if (error === null) return 502;
  // What a relay hid in an `api_error` keeps its true status; a type that the API does not have counts as `api_error`.
  return statusOfType[expect.type] ?? statusOfType[JSON.parse(error).error.type] ?? 500;
}

/** The JSON error that the case holds, verbatim; null where it has none. */
export function errorOf({ body, sse }: CorpusCase): string | null {
  const text = sse === null ? body : sse.join('').match(/^data: ?(.*"type": ?"error".*)$/m)?.[1];
  return text?.trimStart().startsWith('{') && text.trimEnd().endsWith('}') ? text : null;
}
