import type { Clock } from '../core/clock.ts';
import type { Transport } from '../core/transport.ts';
import type { Door } from './door.ts';
import { type Next, nextTransport, type SdkRequest } from './next-transport.ts';
import { readRequest } from './request.ts';
import { targetOf } from './target.ts';

/** Middleware as `@anthropic-ai/sdk` 1.x takes it, by its shape: the SDK is no dependency of ours. */
export type Middleware = (request: SdkRequest, next: Next) => Promise<Response>;

/**
 * Middleware that rides through the upstream's failures: the SDK's own way to its upstream is kept,
 * and used as often as it takes.
 * @param others the way to fallback upstreams
 */
export function createMiddleware(door: Door, others: Transport, clock: Clock): Middleware {
  return async (request, next) => {
    const target = targetOf(request.url);
    const { body = null } = request;
    // What can be sent only once, an upload, gains nothing from us here.
    if (target === null || (body !== null && typeof body !== 'string')) return next(request);
    const url = target.origin + target.basePath + target.path;
    const plain = await readRequest(target, request.url, request, request.headers);
    return door.answer(plain, nextTransport({ request, next, url, others, clock }));
  };
}
