import type { RawHeaders } from '../core/call.ts';
import type { Vault } from './vault.ts';

/** What is sent for an item, as the caller sent it. */
export interface KeptRequest {
  readonly path: string;
  readonly headers: RawHeaders;
  readonly body: Uint8Array;
}

/** Path and headers stand before the body, as JSON, behind four bytes with their length. */
const lengthBytes = 4;

/** An item's request, sealed. */
export function sealRequest(vault: Vault, id: string, { path, headers, body }: KeptRequest): Uint8Array {
  const head = Buffer.from(JSON.stringify({ path, headers }));
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32BE(head.length);
  return vault.seal(`${id}/request`, Buffer.concat([length, head, body]));
}

/** @throws Error when it does not open */
export function openRequest(vault: Vault, id: string, sealed: Uint8Array): KeptRequest {
  const bytes = Buffer.from(vault.open(`${id}/request`, sealed));
  const bodyAt = lengthBytes + bytes.readUInt32BE(0);
  const { path, headers } = JSON.parse(bytes.toString('utf8', lengthBytes, bodyAt));
  return { path, headers, body: bytes.subarray(bodyAt) };
}

/** A message, or an error's envelope, sealed. */
export function sealResult(vault: Vault, id: string, body: Uint8Array): Uint8Array {
  return vault.seal(`${id}/result`, body);
}

/** @throws Error when it does not open */
export function openResult(vault: Vault, id: string, sealed: Uint8Array): string {
  return Buffer.from(vault.open(`${id}/result`, sealed)).toString('utf8');
}
