import type { RawHeaders } from '../core/call.ts';
import { headerOf } from './headers.ts';
import type { JsonObject } from './json.ts';

/** The headers in which a server names its wait outright. */
export const waitHeaders: ReadonlySet<string> = new Set(['retry-after', 'retry-after-ms']);

/** Those of a Priority Tier are not among them: what goes beyond them is served at the standard one. */
const buckets = [
  'anthropic-ratelimit-requests',
  'anthropic-ratelimit-tokens',
  'anthropic-ratelimit-input-tokens',
  'anthropic-ratelimit-output-tokens',
  'anthropic-fast-input-tokens',
  'anthropic-fast-output-tokens',
] as const;

/**
 * The server's minimum wait: what it says outright, else until the last exhausted bucket is full again.
 * @param body the parsed error body, for Cloudflare's `retry_after` (seconds); null when it is no JSON object
 * @param nowMs `Clock.now()`
 * @returns milliseconds, 0 or more; null when nothing sensible was said (NaN, negative, infinite, in the past)
 */
export function serverWaitMs(headers: RawHeaders, body: JsonObject | null, nowMs: number): number | null {
  return retryAfterMs(headers, nowMs) ?? exhaustedBucketMs(headers, nowMs) ?? bodyWaitMs(body);
}

/**
 * Only what the server said outright. For failures other than a rate limit: a bucket that happens to
 * be empty while the API fails says when it is full, not when the API will be well.
 */
export function statedWaitMs(headers: RawHeaders, body: JsonObject | null, nowMs: number): number | null {
  return retryAfterMs(headers, nowMs) ?? bodyWaitMs(body);
}

function retryAfterMs(headers: RawHeaders, nowMs: number): number | null {
  return (
    decimal(headerOf(headers, 'retry-after-ms')) ??
    seconds(decimal(headerOf(headers, 'retry-after'))) ??
    until(httpDate(headerOf(headers, 'retry-after')), nowMs)
  );
}

function exhaustedBucketMs(headers: RawHeaders, nowMs: number): number | null {
  const waits: number[] = [];
  for (const bucket of buckets) {
    if (decimal(headerOf(headers, `${bucket}-remaining`)) !== 0) continue;
    // Unused buckets report 1970-01-01: `until` ignores the past.
    const waitMs = until(rfc3339(headerOf(headers, `${bucket}-reset`)), nowMs);
    if (waitMs !== null) waits.push(waitMs);
  }
  if (headerOf(headers, 'anthropic-ratelimit-unified-status') === 'rejected') {
    const waitMs = until(seconds(decimal(headerOf(headers, 'anthropic-ratelimit-unified-reset'))), nowMs);
    if (waitMs !== null) waits.push(waitMs);
  }
  return waits.length === 0 ? null : Math.max(...waits);
}

function bodyWaitMs(body: JsonObject | null): number | null {
  const value = body?.retry_after;
  return typeof value === 'number' && value >= 0 ? seconds(value) : null;
}

/** A plain decimal number; JavaScript's other forms (`0x10`, `1e3`, the empty string) are not accepted. */
function decimal(text: string | null): number | null {
  if (text === null || !/^\s*(?:\d+(?:\.\d+)?|\.\d+)\s*$/.test(text)) return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

/** Seconds as milliseconds; null when that is beyond any number. */
function seconds(value: number | null): number | null {
  return value !== null && Number.isFinite(value * 1000) ? value * 1000 : null;
}

/** `Date.parse` also takes `-5` and `3 apples` for dates, so the forms of RFC 9110 §5.6.7 are told first. */
function httpDate(text: string | null): number | null {
  if (text === null || !/^\s*(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/i.test(text)) return null;
  // The oldest form (`asctime`) names no zone and means UTC.
  return Date.parse(/GMT|UTC/i.test(text) ? text : `${text} GMT`);
}

function rfc3339(text: string | null): number | null {
  return text !== null && /^\d{4}-\d{2}-\d{2}T/i.test(text) ? Date.parse(text) : null;
}

/** `NaN > nowMs` is false: a broken date counts as none. */
function until(atMs: number | null, nowMs: number): number | null {
  return atMs !== null && atMs > nowMs ? atMs - nowMs : null;
}
