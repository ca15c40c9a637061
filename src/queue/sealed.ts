import type { RawHeaders } from '../core/call.ts';
import type { Vault } from './vault.ts';

/** What is sent for an item, as the caller sent it. */
export interface KeptRequest {
  readonly path: string;
  readonly headers: RawHeaders;
  readonly body: Uint8Array;
}

/** What stands before a body is JSON, behind four bytes with its length. */
const lengthBytes = 4;

/** Seals a body and, before it, what belongs to it. @param place see `Vault.seal` */
export function sealBody(vault: Vault, place: string, about: object, body: Uint8Array): Uint8Array {
  const head = Buffer.from(JSON.stringify(about));
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32BE(head.length);
  return vault.seal(place, length, head, body);
}

/** What `sealBody` has sealed: the members of `about`, and `body`. @throws Error when it does not open */
export function openBody(vault: Vault, place: string, sealed: Uint8Array): unknown {
  const bytes = Buffer.from(vault.open(place, sealed));
  const bodyAt = lengthBytes + bytes.readUInt32BE(0);
  return { ...JSON.parse(bytes.toString('utf8', lengthBytes, bodyAt)), body: bytes.subarray(bodyAt) };
}

/** An item's request, sealed. */
export function sealRequest(vault: Vault, id: string, { path, headers, body }: KeptRequest): Uint8Array {
  return sealBody(vault, `${id}/request`, { path, headers }, body);
}

/** @throws Error when it does not open */
export function openRequest(vault: Vault, id: string, sealed: Uint8Array): KeptRequest {
  return openBody(vault, `${id}/request`, sealed) as KeptRequest;
}

/** A message, or an error's envelope, sealed. */
export function sealResult(vault: Vault, id: string, body: Uint8Array): Uint8Array {
  return vault.seal(`${id}/result`, body);
}

/** @throws Error when it does not open */
export function openResult(vault: Vault, id: string, sealed: Uint8Array): string {
  return Buffer.from(vault.open(`${id}/result`, sealed)).toString('utf8');
}
