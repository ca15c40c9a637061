import { isApiPath } from '../wire/endpoints.ts';

/** Where a URL points, split into the upstream and what is asked of it. */
export interface Target {
  readonly origin: string;
  /** What stands before `/v1/…`; empty, or begins with a slash and does not end with one. */
  readonly basePath: string;
  /** Path and query from `/v1/` on. */
  readonly path: string;
}

/**
 * Splits the URL of a request. Of several `/v1/` the last one counts: what stands before it is
 * some gateway's prefix.
 * @returns null for what is no request to a Claude API; such a request is not ours to handle
 */
export function targetOf(url: string): Target | null {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.username + parsed.password !== '') return null;
  const at = parsed.pathname.lastIndexOf('/v1/');
  if (at === -1) return null;
  const path = parsed.pathname.slice(at) + parsed.search;
  return isApiPath(path) ? { origin: parsed.origin, basePath: parsed.pathname.slice(0, at), path } : null;
}
