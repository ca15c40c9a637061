import type { Body, Call, Credential, RawHeaders } from '../core/call.ts';
import type { UpstreamRequest } from '../core/transport.ts';

/** An endpoint that speaks the Messages API. */
export interface Upstream {
  /** As the configuration calls it; `host:port` where it was given as an address. */
  readonly name: string;
  readonly origin: string;
  /** What stands before `/v1/…`; empty, or begins with a slash and does not end with one. */
  readonly basePath: string;
  /** The key of `key_env`, in the header the upstream wants it in; null in pass-through mode. */
  readonly credential: Credential | null;
  /** Our model names → this upstream's. */
  readonly models: ReadonlyMap<string, string>;
}

/**
 * Splits an upstream's address into origin and base path.
 * @param url `https://host[:port][/path]`, with or without a last slash or `/v1`
 * @returns null when it is no http(s) address, or holds a user, a query or a fragment
 */
export function parseUpstreamUrl(url: string): { origin: string; basePath: string } | null {
  if (!URL.canParse(url)) return null;
  const { protocol, origin, pathname, username, password, search, hash } = new URL(url);
  if ((protocol !== 'https:' && protocol !== 'http:') || username + password + search + hash !== '') return null;
  return { origin, basePath: pathname.replace(/\/+$/, '').replace(/\/v1$/, '') };
}

/** To whom a request goes, and as whom. */
export interface Addressee {
  readonly upstream: Upstream;
  readonly credential: Credential | null;
  /** Another company, or another account, than the caller addressed: it gets what it needs and no more. */
  readonly foreign: boolean;
}

/** What the API reads and clients say of themselves. Cookies and a proxy's tokens are for whom the caller addressed. */
const neededAbroad =
  /^(?:anthropic-.+|x-stainless-.+|content-(?:type|encoding)|accept|user-agent|trace(?:parent|state))$/i;

/**
 * The request as this upstream is to see it. Everything not named here goes as the caller sent it.
 * @param given the call's headers, or what is left of them for this upstream
 */
export function upstreamRequest(
  call: Call,
  given: RawHeaders,
  to: Addressee,
  body: Body,
  fresh: boolean,
): UpstreamRequest {
  const { upstream, credential, foreign } = to;
  const headers: RawHeaders = [];
  const uncoded = call.endpoint.name === 'messages';
  for (let i = 0; i < given.length; i += 2) {
    const name = given[i] as string;
    const isCoding = name.length === 15 && name.toLowerCase() === 'accept-encoding';
    // A compressed stream cannot be followed event by event as it arrives (R8).
    if (isCoding ? uncoded : foreign && !neededAbroad.test(name)) continue;
    headers.push(name, given[i + 1] as string);
  }
  if (uncoded) headers.push('accept-encoding', 'identity');
  if (credential?.apiKey) headers.push('x-api-key', credential.apiKey.reveal());
  if (credential?.bearer) headers.push('authorization', `Bearer ${credential.bearer.reveal()}`);
  return { origin: upstream.origin, method: call.method, path: upstream.basePath + call.path, headers, body, fresh };
}
