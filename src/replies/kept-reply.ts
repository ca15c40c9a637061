import type { Endpoint, RawHeaders } from '../core/call.ts';
import type { Vault } from '../queue/vault.ts';
import { classifyResponse } from '../wire/classify.ts';
import { headerOf } from '../wire/headers.ts';

/** An answer as it was delivered. */
export interface KeptReply {
  readonly status: number;
  readonly headers: RawHeaders;
  readonly body: Uint8Array;
}

/** Status and headers stand before the body, as JSON, behind four bytes with their length. */
const lengthBytes = 4;

/** @param name of the record: sealed for it, the answer opens nowhere else */
export function sealReply(vault: Vault, name: string, { status, headers, body }: KeptReply): Uint8Array {
  const head = Buffer.from(JSON.stringify({ status, headers }));
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32BE(head.length);
  return vault.seal(`${name}/reply`, Buffer.concat([length, head, body]));
}

/** @throws Error when it does not open */
export function openReply(vault: Vault, name: string, sealed: Uint8Array): KeptReply {
  const bytes = Buffer.from(vault.open(`${name}/reply`, sealed));
  const bodyAt = lengthBytes + bytes.readUInt32BE(0);
  const { status, headers } = JSON.parse(bytes.toString('utf8', lengthBytes, bodyAt));
  return { status, headers, body: bytes.subarray(bodyAt) };
}

const terminator = 'event: message_stop';

/** True for bytes that a stream says its end with: what stands in them is the last of a whole answer. */
export function saysEnd(chunk: Uint8Array): boolean {
  const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
  // At the beginning of a line: an answer may speak of it, but a line break in JSON never stands raw.
  return bytes.includes(`\n${terminator}`) || bytes.indexOf(terminator) === 0;
}

/** Whether an answer is a stream of events, by its content type. */
export function isStream(headers: RawHeaders): boolean {
  return headerOf(headers, 'content-type')?.toLowerCase().startsWith('text/event-stream') ?? false;
}

/**
 * Whether the same request would get this answer tomorrow: a good one, or one that says that the
 * request itself is wrong. Everything else passes: keys are mended, limits are raised, outages end.
 * @param nowMs `Clock.now()`
 */
export function isFinal({ status, headers, body }: KeptReply, endpoint: Endpoint['name'], nowMs: number): boolean {
  if (status < 300) return !isStream(headers) || saysEnd(body.subarray(-1024));
  return classifyResponse({ status, headers, body, endpoint, nowMs }).class === 'request';
}
