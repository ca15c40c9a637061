const quote = 0x22;
const backslash = 0x5c;
const space = 0x20;
const brace = 0x7d;
const lf = 0x0a;
const u = 0x75;

/** What may follow a backslash in a JSON string, `u` aside: 1 where allowed. */
const escapes = table('"\\/bfnrt');
const hexDigits = table('0123456789abcdefABCDEF');

function table(characters: string): Uint8Array {
  const allowed = new Uint8Array(256);
  for (const character of characters) allowed[character.charCodeAt(0)] = 1;
  return allowed;
}

/** The bytes with which the API begins every text delta of block `index`, up to its text. */
export function textDeltaPrefix(index: number): Buffer {
  const head = `{"type":"content_block_delta","index":${index},"delta":{"type":"text_delta","text":"`;
  return Buffer.from(`event: content_block_delta\ndata: ${head}`);
}

/**
 * Recognizes a text delta in the API's own spelling, and proves its JSON, without parsing it:
 * the prefix, a JSON string, two closing braces with spaces before the last, one empty line.
 * Any other spelling is no match, and has to be parsed.
 *
 * This is the path of nearly every event of a stream, hence one pass over the bytes that makes
 * nothing.
 *
 * @returns bytes of the text as escaped on the wire, 0 or more; -1 for no match
 */
export function matchTextDelta(bytes: Uint8Array, start: number, end: number, prefix: Uint8Array): number {
  const textStart = start + prefix.length;
  if (textStart >= end) return -1;
  for (let i = 0; i < prefix.length; i++) {
    if (bytes[start + i] !== prefix[i]) return -1;
  }
  const textEnd = skipString(bytes, textStart, end);
  if (textEnd < 0) return -1;
  let at = textEnd + 1;
  if (bytes[at++] !== brace) return -1;
  while (bytes[at] === space) at++;
  const ends = at + 3 === end && bytes[at] === brace && bytes[at + 1] === lf && bytes[at + 2] === lf;
  return ends ? textEnd - textStart : -1;
}

/** Position of the quote that closes the JSON string whose content begins at `at`; -1 if there is no valid one. */
function skipString(bytes: Uint8Array, at: number, end: number): number {
  for (let i = at; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte === quote) return i;
    // RFC 8259 §7: control characters must be escaped.
    if (byte < space) return -1;
    if (byte >= 0x80) {
      i = sequenceEnd(bytes, i);
      if (i < 0) return -1;
      continue;
    }
    if (byte !== backslash) continue;
    const escaped = bytes[++i] as number;
    if (escaped === u) {
      for (let digit = 0; digit < 4; digit++) {
        if (hexDigits[bytes[++i] as number] !== 1) return -1;
      }
    } else if (escapes[escaped] !== 1) {
      return -1;
    }
  }
  return -1;
}

/** Position of the last byte of the UTF-8 sequence of a character beyond ASCII that begins at `at`; -1 where there is none. */
function sequenceEnd(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] as number;
  const second = bytes[at + 1] as number;
  // RFC 3629 §4: neither longer forms than needed, nor surrogates, nor anything beyond U+10FFFF.
  if (lead < 0xc2 || lead > 0xf4) return -1;
  if (lead < 0xe0) return isTail(second) ? at + 1 : -1;
  const least = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const most = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (!(second >= least && second <= most) || !isTail(bytes[at + 2])) return -1;
  if (lead < 0xf0) return at + 2;
  return isTail(bytes[at + 3]) ? at + 3 : -1;
}

function isTail(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** True for a string that says something. */
export function hasText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
