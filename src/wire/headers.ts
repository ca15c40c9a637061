import type { RawHeaders } from '../core/call.ts';

/** Headers that concern one connection only, not the message (RFC 9110 §7.6.1), and `expect`, which the door answers. */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
]);

/** What each gateway says of its own part in an answer: that of another one on the way would stand beside ours. */
const hopByHopInResponses: ReadonlySet<string> = new Set([
  ...hopByHop,
  'ridethrough-id',
  'ridethrough-attempts',
  'ridethrough-route',
  'ridethrough-recovered',
]);

/**
 * The value of the first header of that name, as it was sent.
 * @param name in lower case; names in `headers` may be in any case
 * @returns null when there is none
 */
export function headerOf(headers: RawHeaders, name: string): string | null {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const candidate = headers[i] as string;
    // Most names differ in length: that spares lowering their case.
    if (candidate.length !== name.length) continue;
    if (candidate === name || candidate.toLowerCase() === name) return headers[i + 1] as string;
  }
  return null;
}

/** How the body is coded, in lower case and in the order in which it was done; empty where it can be read as it is. */
export function codingsOf(headers: RawHeaders): string[] {
  const codings: string[] = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.length !== 16 || name.toLowerCase() !== 'content-encoding') continue;
    for (const coding of (headers[i + 1] as string).toLowerCase().split(',')) codings.push(coding.trim());
  }
  return codings.filter((coding) => coding !== '' && coding !== 'identity');
}

/** True where the body is compressed or otherwise coded, so that it cannot be read as it is. */
export function isCoded(headers: RawHeaders): boolean {
  return codingsOf(headers).length > 0;
}

/** True where the body is said to be server-sent events. */
export function isEventStream(headers: RawHeaders): boolean {
  return headerOf(headers, 'content-type')?.toLowerCase().startsWith('text/event-stream') ?? false;
}

const bodyHeaders: ReadonlySet<string> = new Set(['content-type', 'content-length']);

/** The headers of an answer that is told as server-sent events, whatever it was before. */
export function asEventStream(headers: RawHeaders): RawHeaders {
  return [...withoutHeaders(headers, bodyHeaders), 'content-type', 'text/event-stream; charset=utf-8'];
}

/**
 * The headers without those named; the others keep their order, case and multiplicity.
 * @param names in lower case
 */
export function withoutHeaders(headers: RawHeaders, names: ReadonlySet<string>): RawHeaders {
  const kept: RawHeaders = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as string;
    if (!names.has(name.toLowerCase())) kept.push(name, headers[i + 1] as string);
  }
  return kept;
}

/** The headers of a response that are meant for the other end. */
export function endToEnd(headers: RawHeaders): RawHeaders {
  return withoutHeaders(headers, withNamed(hopByHopInResponses, headers));
}

/** Names, in lower case, of what in a request is not for the other end: the hop-by-hop headers, and all that a `connection` header names. */
export function hopByHopOf(headers: RawHeaders): ReadonlySet<string> {
  return withNamed(hopByHop, headers);
}

function withNamed(names: ReadonlySet<string>, headers: RawHeaders): ReadonlySet<string> {
  const named = connectionOptions(headers);
  return named.length === 0 ? names : new Set([...names, ...named]);
}

function connectionOptions(headers: RawHeaders): string[] {
  const options: string[] = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.length !== 10 || name.toLowerCase() !== 'connection') continue;
    for (const option of (headers[i + 1] as string).split(',')) options.push(option.trim().toLowerCase());
  }
  return options;
}
