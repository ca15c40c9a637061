import { createHmac } from 'node:crypto';
import type { Credential } from '../core/call.ts';
import { Secret } from '../core/secret.ts';

/** Enough of the hash that no two keys of a process meet, and far too little to find the key. */
const idLength = 16;

/** How the API's OAuth access tokens begin. */
const oauthPrefix = 'sk-ant-oat';

/**
 * A credential from what stands in `x-api-key` and after `Bearer`.
 * @param salt random and secret, of this process or this installation: ids of two machines cannot be matched
 * @returns null when neither was shown
 */
export function createCredential(apiKey: string | null, bearer: string | null, salt: string): Credential | null {
  if (apiKey === null && bearer === null) return null;
  // No header value can hold a NUL, so two different showings never join to the same text.
  const digest = createHmac('sha256', salt).update(`${apiKey ?? ''}\0${bearer ?? ''}`);
  return {
    id: digest.digest('hex').slice(0, idLength),
    apiKey: apiKey === null ? null : new Secret(apiKey),
    bearer: bearer === null ? null : new Secret(bearer),
    oauth: bearer?.startsWith(oauthPrefix) ?? false,
  };
}

/**
 * The token of an `authorization: Bearer …` header.
 * @returns null for any other scheme, and where there is no header
 */
export function bearerOf(authorization: string | null): string | null {
  return authorization === null ? null : (/^bearer +(\S.*)$/i.exec(authorization)?.[1] ?? null);
}
