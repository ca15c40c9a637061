import type { Endpoint, RawHeaders } from '../core/call.ts';
import { openBody, sealBody } from '../queue/sealed.ts';
import type { Vault } from '../queue/vault.ts';
import { classifyResponse } from '../wire/classify.ts';
import { isEventStream } from '../wire/headers.ts';

/** An answer as it was delivered. */
export interface KeptReply {
  readonly status: number;
  readonly headers: RawHeaders;
  readonly body: Uint8Array;
}

/** @param name of the record: sealed for it, the answer opens nowhere else */
export function sealReply(vault: Vault, name: string, { status, headers, body }: KeptReply): Uint8Array {
  return sealBody(vault, `${name}/reply`, { status, headers }, body);
}

/** @throws Error when it does not open */
export function openReply(vault: Vault, name: string, sealed: Uint8Array): KeptReply {
  return openBody(vault, `${name}/reply`, sealed) as KeptReply;
}

const terminator = 'event: message_stop';

/** True for bytes that a stream says its end with: what stands in them is the last of a whole answer. */
export function saysEnd(chunk: Uint8Array): boolean {
  const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
  // At the beginning of a line: an answer may speak of it, but a line break in JSON never stands raw.
  return bytes.includes(`\n${terminator}`) || bytes.indexOf(terminator) === 0;
}

/**
 * Whether the same request would get this answer tomorrow: a good one, or one that says that the
 * request itself is wrong. Everything else passes: keys are mended, limits are raised, outages end.
 * @param nowMs `Clock.now()`
 */
export function isFinal({ status, headers, body }: KeptReply, endpoint: Endpoint['name'], nowMs: number): boolean {
  if (status < 300) return !isEventStream(headers) || saysEnd(body.subarray(-1024));
  return classifyResponse({ status, headers, body, endpoint, nowMs }).class === 'request';
}
