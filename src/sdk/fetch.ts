import { bearerOf } from '../providers/credential.ts';
import type { Door } from './door.ts';
import { givenHeaders, readRequest } from './request.ts';
import { targetOf } from './target.ts';

/** The signature of `globalThis.fetch`. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/**
 * A `fetch` that rides through the upstream's failures.
 * @param platformFetch gets, untouched, what is no call to a Claude API
 */
export function createFetch(door: Door, platformFetch: Fetch): Fetch {
  return async (input, init = {}) => {
    const target = targetOf(input instanceof Request ? input.url : String(input));
    const headers = givenHeaders(input, init);
    if (target === null || isForeign(headers.get('authorization'))) return platformFetch(input, init);
    return door.answer(await readRequest(target, input, init, headers));
  };
}

/** Another scheme than Bearer, such as a signature over the whole request: not ours to take apart. */
function isForeign(authorization: string | null): boolean {
  return authorization !== null && bearerOf(authorization) === null;
}
