import { eventBytesMax } from '../core/limits.ts';

const lf = 0x0a;
const cr = 0x0d;
const space = 0x20;
const colon = 0x3a;
const nothing = Buffer.alloc(0);

/** A buffer that has grown past this is not kept for the next event. */
const carryBytesKept = 64 * 1024;

/** One event's fields, as far as the Claude protocol uses them. */
export interface SseEvent {
  /** Value of the last `event` field; empty when there was none. */
  readonly name: string;
  /** Values of the `data` fields, joined by LF; empty when there was none, or nothing in it. Shares the event's memory. */
  readonly data: Buffer;
}

/**
 * Cuts a byte stream into server-sent events, whatever its chunks and line ends. The events are
 * handed out as they stand on the wire, end to end without a gap, so that an event's `offset` is
 * a place where the stream can be cut. A block without fields (comments, a stray empty line) is
 * an event too.
 *
 *     scanner.push(chunk);
 *     while (scanner.next()) use(scanner.bytes, scanner.start, scanner.end);
 *
 * An event that lies within one chunk is a view on it; only one that crosses chunks is copied,
 * each byte once and once more for each doubling of the buffer: time is linear in the bytes, and
 * memory bounded by the largest event.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html §9.2.5, §9.2.6
 */
export class SseScanner {
  /** Memory the current event lies in, from `start` to `end`; good until `next` or `push` is called. */
  bytes: Buffer = nothing;
  start = 0;
  end = 0;
  /** Where the current event ends, counted from the start of the stream. */
  offset = 0;
  /** True: an event grew past `eventBytesMax`. It is never handed out, and nothing after it. */
  overflow = false;

  #chunk: Buffer = nothing;
  /** Position in the chunk where the next event begins, or goes on. */
  #at = 0;
  #hasCr = false;
  /** The unfinished event from earlier chunks: the first `#carried` bytes. */
  #carry: Buffer = nothing;
  #carried = 0;
  /** The current line has no bytes yet: a line end here ends the event. */
  #lineEmpty = true;
  /** The last byte was a CR that ended a line within an event: an LF after it is the same line end. */
  #afterCr = false;

  /** What has come of an event that has not ended yet: good until `next` or `push` is called. */
  get unfinished(): Buffer {
    return this.#carry.subarray(0, this.#carried);
  }

  /** Takes the next chunk, which must not change before `next` has returned false. */
  push(chunk: Uint8Array): void {
    this.#chunk = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#at = 0;
    this.#hasCr = this.#chunk.includes(cr);
  }

  /** Moves to the next event. False when the chunk has no further end of an event. */
  next(): boolean {
    if (this.overflow || this.#at === this.#chunk.length) return this.#pause();
    const from = this.#at;
    const found = this.#hasCr || this.#afterCr ? this.#endByLines(from) : this.#endByBlankLine(from);
    const to = found < 0 ? this.#chunk.length : found;
    if (this.#carried + to - from > eventBytesMax) {
      this.overflow = true;
      return this.#pause();
    }
    this.#at = to;
    if (found < 0) {
      this.#keep(from, to);
      return this.#pause();
    }
    if (this.#carried === 0) {
      this.bytes = this.#chunk;
      this.start = from;
      this.end = to;
    } else {
      this.#keep(from, to);
      this.bytes = this.#carry;
      this.start = 0;
      this.end = this.#carried;
      this.#carried = 0;
    }
    const bytes = this.end - this.start;
    // "The UTF-8 decode algorithm strips one leading UTF-8 Byte Order Mark (BOM), if any."
    if (this.offset === 0 && startsWithBom(this.bytes, this.start)) this.start += 3;
    this.offset += bytes;
    return true;
  }

  /** Lets go of the chunk's memory: a stream may now be silent for minutes. */
  #pause(): false {
    this.bytes = this.#chunk = nothing;
    this.start = this.end = this.#at = 0;
    return false;
  }

  /**
   * With LF alone, line ends are found natively. Byte by byte costs 1.7 times as much at 120
   * bytes an event, a native search for the two bytes together 1.5 times.
   */
  #endByBlankLine(from: number): number {
    const chunk = this.#chunk;
    let at = from;
    // "If the line is empty (a blank line): Dispatch the event."
    while (!this.#lineEmpty || chunk[at] !== lf) {
      const lineEnd = chunk.indexOf(lf, at);
      this.#lineEmpty = lineEnd >= 0;
      at = lineEnd + 1;
      if (lineEnd < 0 || at === chunk.length) return -1;
    }
    return at + 1;
  }

  /**
   * "Lines must be separated by either a U+000D CARRIAGE RETURN U+000A LINE FEED (CRLF) character
   * pair, a single U+000A LINE FEED (LF) character, or a single U+000D CARRIAGE RETURN (CR) character."
   *
   * A CR that ends an event ends it at once, for nothing else may ever come. An LF that follows
   * it is an empty event of its own.
   */
  #endByLines(from: number): number {
    const chunk = this.#chunk;
    for (let i = from; i < chunk.length; i++) {
      const byte = chunk[i];
      if (this.#afterCr) {
        this.#afterCr = false;
        if (byte === lf) continue;
      }
      if (byte !== lf && byte !== cr) {
        this.#lineEmpty = false;
      } else if (this.#lineEmpty) {
        return i + 1;
      } else {
        this.#lineEmpty = true;
        this.#afterCr = byte === cr;
      }
    }
    return -1;
  }

  #keep(from: number, to: number): void {
    const length = this.#carried + to - from;
    if (this.#carried === 0 && this.#carry.length > carryBytesKept) this.#carry = nothing;
    if (length > this.#carry.length) {
      const grown = Buffer.allocUnsafe(Math.min(Math.max(2 * length, 256), eventBytesMax));
      this.#carry.copy(grown, 0, 0, this.#carried);
      this.#carry = grown;
    }
    this.#chunk.copy(this.#carry, this.#carried, from, to);
    this.#carried = length;
  }
}

function startsWithBom(bytes: Buffer, at: number): boolean {
  return bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf;
}

const dataField = Buffer.from('data');
const eventField = Buffer.from('event');

/**
 * Reads the fields of one event, `bytes` from `start` to `end` as `SseScanner` hands it out. Nothing is
 * made for a line: an event may be millions of them.
 */
export function readEvent(bytes: Buffer, start: number, end: number): SseEvent {
  let [nameAt, nameEnd] = [0, 0];
  let [dataAt, dataEnd] = [0, 0];
  let [dataLines, dataBytes] = [0, 0];
  for (let at = start; at < end; ) {
    const lineEnd = lineEndAt(bytes, at, end);
    const eventAt = valueStart(bytes, at, lineEnd, eventField);
    const valueAt = valueStart(bytes, at, lineEnd, dataField);
    // "If the field name is 'event': Set the event type buffer to the field value."
    if (eventAt >= 0) {
      nameAt = eventAt;
      nameEnd = lineEnd;
    }
    // "If the field name is 'data': Append the field value to the data buffer, then append a
    // single U+000A LINE FEED (LF) character to the data buffer."
    if (valueAt >= 0) {
      dataAt = valueAt;
      dataEnd = lineEnd;
      dataLines++;
      dataBytes += lineEnd - valueAt + 1;
    }
    // The LF of a CRLF is read as an empty line, which says nothing here.
    at = lineEnd + 1;
  }
  const data = dataLines > 1 ? joinedLines(bytes, start, end, dataBytes - 1) : bytes.subarray(dataAt, dataEnd);
  return { name: bytes.toString('utf8', nameAt, nameEnd), data };
}

/** "If the data buffer's last character is a U+000A LINE FEED (LF) character, then remove [it]." */
function joinedLines(bytes: Buffer, start: number, end: number, length: number): Buffer {
  const joined = Buffer.allocUnsafe(length);
  let to = 0;
  for (let at = start; at < end; ) {
    const lineEnd = lineEndAt(bytes, at, end);
    const valueAt = valueStart(bytes, at, lineEnd, dataField);
    if (valueAt >= 0) {
      to += bytes.copy(joined, to, valueAt, lineEnd);
      if (to < length) joined[to++] = lf;
    }
    at = lineEnd + 1;
  }
  return joined;
}

function lineEndAt(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] !== lf && bytes[at] !== cr) at++;
  return at;
}

/** Where the value of a line's field begins; -1 where the line has another field. "Otherwise: The field is ignored." */
function valueStart(bytes: Buffer, at: number, lineEnd: number, field: Buffer): number {
  const after = at + field.length;
  if (after > lineEnd) return -1;
  for (let i = 0; i < field.length; i++) if (bytes[at + i] !== field[i]) return -1;
  // "Otherwise, the string is not empty but does not contain a U+003A COLON character (:):
  // Process the field using … the whole line as the field name, and the empty string as the field value."
  if (after === lineEnd) return lineEnd;
  if (bytes[after] !== colon) return -1;
  // "If value starts with a U+0020 SPACE character, remove it from value."
  return bytes[after + 1] === space && after + 1 < lineEnd ? after + 2 : after + 1;
}
