import type { Endpoint } from '../core/call.ts';
import { bodyBytesMax } from '../core/limits.ts';

/** Methods that may be sent again at any time (R4): reading, and deleting what may be gone already. */
const freeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS']);

/**
 * Classifies a request by method and path, the query left aside. The path is taken as it will be
 * sent: what is not literally one of the known ones is `other`, which is never more permissive.
 */
export function endpointOf(method: string, path: string): Endpoint {
  const name = nameOf(method, pathOnly(path));
  const buffered = name === 'messages' || name === 'count_tokens';
  return { name, buffered, bodyBytesMax: capOf(name), replay: buffered || freeMethods.has(method) ? 'free' : 'unsent' };
}

/**
 * True for a target that may be sent upstream: `/v1/…`, or `/api/hello`, with any query.
 * Refused is whatever two servers could read differently, so that no path leaves its class:
 * dot segments, empty segments, encoded slashes, dots and percent signs, backslashes, fragments,
 * control characters and bytes beyond ASCII.
 */
export function isApiPath(path: string): boolean {
  // Nearly all requests: what follows would find the same.
  if (path === '/v1/messages') return true;
  if (!/^[\x21-\x7e]+$/.test(path) || path.includes('#')) return false;
  const only = pathOnly(path);
  if (only === '/api/hello') return true;
  if (!only.startsWith('/v1/') || /\/\/|\\/.test(only)) return false;
  // `%` must begin an escape, and none of the escapes for NUL–US, `%`, `.`, `/`, `\` and DEL.
  if (/%(?![0-9a-f]{2})|%(?:[01][0-9a-f]|2[5ef]|5c|7f)/i.test(only)) return false;
  return !only.split('/').some((segment) => segment === '.' || segment === '..');
}

function pathOnly(path: string): string {
  const query = path.indexOf('?');
  return query === -1 ? path : path.slice(0, query);
}

function nameOf(method: string, path: string): Endpoint['name'] {
  // A server may or may not take `/v1/messages/` for `/v1/messages`; the stricter reading is the same class.
  const plain = path.endsWith('/') ? path.slice(0, -1) : path;
  if (plain === '/v1/messages' && method === 'POST') return 'messages';
  if (plain === '/v1/messages/count_tokens' && method === 'POST') return 'count_tokens';
  if (isUnder(plain, '/v1/messages/batches')) return 'batches';
  if (isUnder(plain, '/v1/files')) return 'files';
  if (isUnder(plain, '/v1/models')) return 'models';
  return 'other';
}

function isUnder(path: string, root: string): boolean {
  return path === root || path.startsWith(`${root}/`);
}

function capOf(name: Endpoint['name']): number {
  if (name === 'batches') return bodyBytesMax.batches;
  if (name === 'files') return bodyBytesMax.files;
  // What is not known gets the smallest cap, so that no spelling of a path buys a larger one.
  return bodyBytesMax.messages;
}
