import type { Body, Caller, Credential } from '../core/call.ts';
import type { Clock } from '../core/clock.ts';
import type { Limits } from '../core/limits.ts';
import { routesRememberedMax } from '../core/limits.ts';
import { LruMap } from '../core/lru.ts';
import type { Random } from '../core/random.ts';
import type { Transport } from '../core/transport.ts';
import { ownError, refuse } from '../engine/final-error.ts';
import { bodyTooLarge, isProblem, makeCall } from '../engine/intake.ts';
import { bearerOf, createCredential } from '../providers/credential.ts';
import { endpointOf } from '../wire/endpoints.ts';
import { headerOf } from '../wire/headers.ts';
import type { Engines } from './engines.ts';
import type { PlainRequest } from './request.ts';
import { ResponseReply } from './response-reply.ts';

export interface DoorDeps {
  readonly engines: Engines;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: Limits;
  /** See `createCredential`. */
  readonly salt: string;
}

/** What `fetch` and `middleware` have in common: a plain request goes in, a `Response` comes out. */
export class Door {
  readonly #deps: DoorDeps;
  /** By what was shown, so that a key is hashed once and not for each call. */
  readonly #callers = new LruMap<string, Caller>(routesRememberedMax);

  constructor(deps: DoorDeps) {
    this.#deps = deps;
  }

  /**
   * Serves one request. Failures of the upstream are responses (R7).
   * @param transport how the attempts of this call are sent; default by our own sockets
   * @throws the reason of the request's signal when it aborts before the head
   */
  async answer(request: PlainRequest, transport?: Transport): Promise<Response> {
    request.signal?.throwIfAborted();
    const { engines, random } = this.#deps;
    const { target, method, headers } = request;
    const reply = new ResponseReply(method, request.signal);
    const body = telling(request.body, (error) => reply.broke(error));
    const head = { method, path: target.path, headers };
    const isTooLarge = body instanceof Uint8Array && body.length > endpointOf(method, target.path).bodyBytesMax;
    const call = isTooLarge ? bodyTooLarge : makeCall(head, body, this.#callerOf(request), this.#deps);
    if (isProblem(call))
      reply.attach(refuse(reply, ownError(call, { id: random.id(), warnings: call.warnings ?? [] })));
    else reply.attach(engines.for(target).handle(transport === undefined ? call : { ...call, transport }, reply));
    return reply.response;
  }

  /** Who uses the library runs in this process, and may use whatever it was given. */
  #callerOf({ headers }: PlainRequest): Caller {
    const apiKey = headerOf(headers, 'x-api-key') || null;
    const bearer = bearerOf(headerOf(headers, 'authorization'));
    return this.#callers.getOrCreate(`${apiKey ?? ''}\0${bearer ?? ''}`, () => {
      const credential: Credential | null = createCredential(apiKey, bearer, this.#deps.salt);
      return { credential, token: null };
    });
  }
}

/** A body that is sent as it is read, and tells before anybody else when it breaks: no upstream is to blame for that. */
function telling(body: Body, onError: (error: unknown) => void): Body {
  if (body === null || body instanceof Uint8Array) return body;
  const { chunks, lengthBytes } = body;
  async function* told(): AsyncGenerator<Uint8Array> {
    try {
      yield* chunks;
    } catch (error) {
      onError(error);
      throw error;
    }
  }
  return { chunks: told(), lengthBytes };
}
