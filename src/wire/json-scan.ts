import { bufferOf, parseJson } from './json.ts';

/**
 * Finds the top-level members of a JSON object in its bytes without parsing it. A request of
 * 20 MB is mostly one base64 string; skipping that is a native search for its closing quote.
 *
 * What is checked is structure: one object and nothing beside it, members in order, every string
 * and bracket closed, top-level literals valid. Nested values are only skipped: upstream checks them.
 */

/** Where a value stands in the bytes: from `start` up to, not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The wanted members that are there, by name. Of duplicates the last counts, as in `JSON.parse`. */
export type Members = ReadonlyMap<string, Span>;

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/** What a byte between values does to the depth; a quote begins a string. */
const stringStep = 2;
const steps = new Int8Array(256);
steps[quote] = stringStep;
steps[openBrace] = steps[openBracket] = 1;
steps[closeBrace] = steps[closeBracket] = -1;

/** JSON's literals and numbers (RFC 8259 §3, §6). */
const literal = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;

const words = { true: true, false: false, null: null };
type Word = keyof typeof words;
const wordOf: Readonly<Record<number, Word | undefined>> = { 116: 'true', 102: 'false', 110: 'null' };

/** Longer texts are faster parsed than looked through for what must be parsed. */
const plainTextMax = 128;
/** So many digits are exact as a number. */
const digitsMax = 15;

/** A native search costs as much as reading this many bytes here; shorter strings are read. */
const nativeSearchFrom = 32;

/**
 * The spans of the wanted top-level members.
 * @returns null when the bytes are not one whole JSON object (a byte order mark is not accepted)
 */
export function scanMembers(bytes: Uint8Array, wanted: ReadonlySet<string>): Members | null {
  const members = new Map<string, Span>();
  const whole = eachMember(bytes, wanted, (name, _keyStart, value) => {
    if (name !== null) members.set(name, value);
  });
  return whole ? members : null;
}

/**
 * The spans of an array's elements.
 * @param span of a value found by this module
 * @returns null when the value is not an array
 */
export function scanElements(bytes: Uint8Array, span: Span): Span[] | null {
  const buffer = bufferOf(bytes.subarray(0, span.end));
  if (buffer[span.start] !== openBracket) return null;
  const elements: Span[] = [];
  let at = skipSpace(buffer, span.start + 1);
  if (buffer[at] === closeBracket) return elements;
  for (;;) {
    const end = skipValue(buffer, at);
    if (end === -1) return null;
    elements.push({ start: at, end });
    at = skipSpace(buffer, end);
    if (buffer[at] === closeBracket) return elements;
    if (buffer[at] !== comma) return null;
    at = skipSpace(buffer, at + 1);
  }
}

/** The parsed value of a span; undefined when there is no span, or when what stands there is broken inside. */
export function valueAt(bytes: Uint8Array, span: Span | undefined): unknown {
  if (span === undefined) return undefined;
  const buffer = bufferOf(bytes);
  const { start, end } = span;
  // Names, words and counts are most of what is asked for, and need no parser.
  const word = wordAt(buffer, start, end);
  if (word !== undefined) return words[word];
  if (isShortInteger(buffer, start, end)) return integerAt(buffer, start, end);
  const isText = buffer[start] === quote && end - start < plainTextMax && isPlain(buffer, start + 1, end - 1);
  return isText ? buffer.toString('latin1', start + 1, end - 1) : parseJson(buffer.toString('utf8', start, end));
}

/** Calls `visit` for every string of a JSON text, names among them, with the offsets of its quotes' outer sides. */
export function eachString(bytes: Uint8Array, visit: (span: Span) => void): void {
  const buffer = bufferOf(bytes);
  for (let start = buffer.indexOf(quote); start !== -1; ) {
    const end = skipString(buffer, start);
    if (end === -1) return;
    visit({ start, end });
    start = buffer.indexOf(quote, end);
  }
}

/**
 * Calls `visit` for every top-level member in order.
 * `name` is null when the member is not wanted.
 * @returns false when the bytes are not one whole JSON object; some members were visited even so
 */
export function eachMember(
  bytes: Uint8Array,
  wanted: ReadonlySet<string>,
  visit: (name: string | null, keyStart: number, value: Span) => void,
): boolean {
  const buffer = bufferOf(bytes);
  let at = skipSpace(buffer, 0);
  if (buffer[at] !== openBrace) return false;
  at = skipSpace(buffer, at + 1);
  if (buffer[at] === closeBrace) return skipSpace(buffer, at + 1) === buffer.length;
  for (;;) {
    if (buffer[at] !== quote) return false;
    const keyStart = at;
    const keyEnd = skipString(buffer, at);
    if (keyEnd === -1) return false;
    at = skipSpace(buffer, keyEnd);
    if (buffer[at] !== colon) return false;
    const start = skipSpace(buffer, at + 1);
    const end = skipValue(buffer, start);
    if (end === -1) return false;
    visit(wantedAt(buffer, keyStart + 1, keyEnd - 1, wanted), keyStart, { start, end });
    at = skipSpace(buffer, end);
    if (buffer[at] === closeBrace) return skipSpace(buffer, at + 1) === buffer.length;
    if (buffer[at] !== comma) return false;
    at = skipSpace(buffer, at + 1);
  }
}

/** Which of the wanted names stands between the offsets; null for none. Nothing is decoded but what is not plain ASCII. */
function wantedAt(buffer: Buffer, start: number, end: number, wanted: ReadonlySet<string>): string | null {
  for (const name of wanted) if (end - start === name.length && spells(buffer, start, name)) return name;
  if (isPlain(buffer, start, end)) return null;
  // The longest form of a name spells every unit `\u0000`.
  const bytesMax = 6 * Math.max(...[...wanted].map((name) => name.length));
  if (end - start > bytesMax) return null;
  const decoded = parseJson(buffer.toString('utf8', start - 1, end + 1));
  return typeof decoded === 'string' && wanted.has(decoded) ? decoded : null;
}

/** ASCII that stands for itself: no escape, and no control character, which no string may hold. */
function isPlain(buffer: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = buffer[at] as number;
    if (byte === backslash || byte > 0x7f || byte < 0x20) return false;
  }
  return true;
}

function wordAt(buffer: Buffer, start: number, end: number): Word | undefined {
  const word = wordOf[buffer[start] as number];
  return word !== undefined && end - start === word.length && spells(buffer, start, word) ? word : undefined;
}

/** Digits alone, the first of them no needless zero. */
function isShortInteger(buffer: Buffer, start: number, end: number): boolean {
  if (end === start || end - start > digitsMax || (buffer[start] === 0x30 && end - start > 1)) return false;
  for (let at = start; at < end; at++) if ((buffer[at] as number) < 0x30 || (buffer[at] as number) > 0x39) return false;
  return true;
}

function integerAt(buffer: Buffer, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) value = value * 10 + (buffer[at] as number) - 0x30;
  return value;
}

function spells(buffer: Buffer, start: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) if (buffer[start + i] !== name.charCodeAt(i)) return false;
  return true;
}

/** The offset of the first byte that is not "insignificant whitespace": space, tab, line feed, carriage return. */
export function skipSpace(buffer: Uint8Array, from: number): number {
  let at = from;
  for (;;) {
    const byte = buffer[at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
    at++;
  }
}

/** Returns the offset after the value that begins at `start`, or -1. */
function skipValue(buffer: Buffer, start: number): number {
  const first = buffer[start];
  if (first === quote) return skipString(buffer, start);
  if (first === openBrace || first === openBracket) return skipNested(buffer, start);
  let at = start;
  while (at < buffer.length && !endsLiteral(buffer[at])) at++;
  if (wordAt(buffer, start, at) !== undefined || isShortInteger(buffer, start, at)) return at;
  return literal.test(buffer.toString('latin1', start, at)) ? at : -1;
}

function endsLiteral(byte: number | undefined): boolean {
  switch (byte) {
    case comma:
    case closeBrace:
    case closeBracket:
    case 0x20:
    case 0x0a:
    case 0x0d:
    case 0x09:
      return true;
    default:
      return false;
  }
}

/** Depth is counted, not recursed into: a million brackets must not overflow the stack. */
function skipNested(buffer: Buffer, start: number): number {
  const closing = buffer[start] === openBrace ? closeBrace : closeBracket;
  const { length } = buffer;
  let depth = 1;
  for (let at = start + 1; at < length; at++) {
    const step = steps[buffer[at] as number] as number;
    if (step === 0) continue;
    if (step === stringStep) {
      const end = skipString(buffer, at);
      if (end === -1) return -1;
      at = end - 1;
    } else {
      depth += step;
      if (depth === 0) return buffer[at] === closing ? at + 1 : -1;
    }
  }
  return -1;
}

/**
 * Returns the offset after the closing quote of the string whose opening quote is at `start`, or -1.
 * Linear for any input: the runs of backslashes that are counted backwards never overlap.
 */
function skipString(buffer: Buffer, start: number): number {
  const { length } = buffer;
  let at = start + 1;
  for (;;) {
    const near = Math.min(at + nativeSearchFrom, length);
    while (at < near) {
      const byte = buffer[at];
      if (byte === quote) return at + 1;
      at += byte === backslash ? 2 : 1;
    }
    if (at >= length) return -1;
    const found = buffer.indexOf(quote, at);
    if (found === -1) return -1;
    let slashes = found;
    while (slashes > at && buffer[slashes - 1] === backslash) slashes--;
    if ((found - slashes) % 2 === 0) return found + 1;
    // That quote was escaped. More will follow soon (code in JSON), so the next bytes are read here.
    at = found + 1;
  }
}
