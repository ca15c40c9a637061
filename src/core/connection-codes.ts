// How a connection that never stood shows: error codes of the system, of the resolver, of undici and of our own clock.

/** The host's name led to no address. */
export const unresolved: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ENODATA']);

/** No descriptor was left for the socket: the upstream has nothing to do with it. */
export const outOfDescriptors: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE']);

/** The way to the host ended before a connection stood. */
export const unconnected: ReadonlySet<string> = new Set([
  ...unresolved,
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'UND_ERR_CONNECT_TIMEOUT',
  'connect_timeout',
]);

/** True where nothing can have been sent. `ETIMEDOUT` is none of these: a connection that stood may end so too. */
export function neverConnected(code: string): boolean {
  return unconnected.has(code) || outOfDescriptors.has(code);
}
