import { isErrorObject } from './error-body.ts';
import { isJsonObject, type JsonObject, parseJson, textOf } from './json.ts';
import { readEvent } from './sse.ts';

/** One event of a Messages stream, as far as following the stream needs it. */
export type MessageEvent =
  | { readonly type: 'message_start'; readonly message: JsonObject }
  | { readonly type: 'message_stop' }
  | {
      readonly type: 'content_block_start';
      readonly index: number;
      readonly block: JsonObject;
    }
  | {
      readonly type: 'content_block_delta';
      readonly index: number;
      readonly delta: JsonObject;
    }
  | { readonly type: 'content_block_stop'; readonly index: number }
  | {
      readonly type: 'message_delta';
      readonly stopReason: string | null;
      readonly delta: JsonObject;
      readonly usage: JsonObject;
      /** Members beside `type`, `delta` and `usage`. */
      readonly rest: JsonObject;
    }
  /** `body`: a copy of the data. */
  | { readonly type: 'error'; readonly body: Uint8Array }
  /** A ping, a comment, or an event without data, which clients do not see. */
  | { readonly type: 'idle' }
  /** An event of a name that is not known: it may mean anything, and passes. */
  | { readonly type: 'unknown' }
  /** An event of a known name that is not what its name says. `message`: one sentence, without content. */
  | { readonly type: 'malformed'; readonly message: string };

const openingBrace = 0x7b;
const followed = new Set([
  'message_start',
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
  'message_delta',
  'message_stop',
  'error',
]);

/**
 * Reads the event that lies in `bytes` from `start` to `end`, as `SseScanner` hands it out. The
 * event's name decides what it is, as it does for clients; `type` of the data where it has none.
 */
export function readMessageEvent(bytes: Buffer, start: number, end: number): MessageEvent {
  if (!isUtf8(bytes, start, end)) return malformed('broken', 'bytes that are not UTF-8');
  const { name, data } = readEvent(bytes, start, end);
  // "If the data buffer is an empty string, set the data buffer and the event type buffer to the
  // empty string and return."
  if (data.length === 0 || name === 'ping') return { type: 'idle' };
  if (name !== '' && !followed.has(name)) return { type: 'unknown' };
  const value = parseJson(textOf(data));
  const known = isJsonObject(value);
  const type = name === '' && known ? typeOf(value) : name;
  if (type === 'error') return { type, body: Uint8Array.from(data) };
  // Some clients go by the name, others by the type: they must not see two different events.
  if (known && typeof value.type === 'string' && value.type !== type) return malformed(name, 'data of another type');
  if (known) return type === 'ping' ? { type: 'idle' } : typedEvent(type, value);
  // A nameless event that is no JSON at all (`[DONE]`) is none of ours; one that was cut may be.
  if (name === '' && data[0] !== openingBrace) return { type: 'unknown' };
  return malformed(name === '' ? 'nameless' : name, 'data that is no JSON object');
}

/**
 * The data of an error event that the stream ended in, before the empty line that ends an event. Of
 * any other event that is nothing: it may have been cut.
 * @param bytes that came after the last whole event
 */
export function unfinishedError(bytes: Buffer): Uint8Array | null {
  const event = readMessageEvent(bytes, 0, bytes.length);
  return event.type === 'error' && parseJson(textOf(event.body)) !== undefined ? event.body : null;
}

/** Relays send errors that have neither a name nor a type. */
function typeOf(value: JsonObject): unknown {
  return value.type === undefined && isErrorObject(value) ? 'error' : value.type;
}

function typedEvent(type: unknown, value: JsonObject): MessageEvent {
  const { index, content_block: block, delta } = value;
  switch (type) {
    case 'message_start':
      return isJsonObject(value.message) ? { type, message: value.message } : malformed(type, 'no message');
    case 'message_stop':
      return { type };
    case 'content_block_start':
      return isIndex(index) && isJsonObject(block) && typeof block.type === 'string'
        ? { type, index, block }
        : malformed(type, 'no index or no content_block of a type');
    case 'content_block_delta':
      return isIndex(index) && isJsonObject(delta) && isWhole(delta)
        ? { type, index, delta }
        : malformed(type, 'no index or no delta that is whole');
    case 'content_block_stop':
      return isIndex(index) ? { type, index } : malformed(type, 'no index');
    case 'message_delta':
      return isJsonObject(delta) ? deltaEvent(delta, value) : malformed(type, 'no delta');
    default:
      return { type: 'unknown' };
  }
}

function deltaEvent(delta: JsonObject, { type: _type, delta: _delta, usage, ...rest }: JsonObject): MessageEvent {
  const stopReason = stringOf(delta.stop_reason);
  return { type: 'message_delta', stopReason, delta, usage: isJsonObject(usage) ? usage : {}, rest };
}

function malformed(name: string, what: string): MessageEvent {
  return { type: 'malformed', message: `A ${name} event of the stream has ${what}.` };
}

/** What a delta brings, by its type. Clients add it up unseen: without it they would add "undefined". */
const brought: Readonly<Record<string, string>> = {
  text_delta: 'text',
  thinking_delta: 'thinking',
  signature_delta: 'signature',
  input_json_delta: 'partial_json',
};

/** True for a delta that has what its type says; of types that are not known, anything is true. */
function isWhole(delta: JsonObject): boolean {
  const member = brought[String(delta.type)];
  return member === undefined || typeof delta[member] === 'string';
}

/** True for bytes that decode to text and back to themselves. */
function isUtf8(bytes: Buffer, start: number, end: number): boolean {
  const text = bytes.toString('utf8', start, end);
  return !text.includes('\ufffd') || Buffer.from(text).equals(bytes.subarray(start, end));
}

function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function stringOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
