/** A parsed JSON object; its members are read by name and checked before use. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** True for a JSON object, false for null, arrays and everything else. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Parses JSON text. Returns undefined, which no JSON text stands for, when it is broken. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** JSON text in one line: between its tokens a line break is white space, and inside a string it cannot stand raw. */
export function oneLine(json: string): string {
  return json.replaceAll(/[\r\n]+/g, ' ').trim();
}

/** UTF-8 bytes as text; broken sequences become U+FFFD. Unlike `TextDecoder` it costs no set-up. */
export function textOf(bytes: Uint8Array): string {
  return bufferOf(bytes).toString('utf8');
}

/** The same memory as a `Buffer`, whose searches are native. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Without the byte order mark that some servers put before JSON: clients drop it, JSON parsers refuse it. */
export function withoutBom(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}
