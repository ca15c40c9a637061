import type { IncomingMessage } from 'node:http';
import type { Config } from '../config/config.ts';
import type { Caller } from '../core/call.ts';
import type { Engine } from '../engine/engine.ts';
import type { Problem } from '../engine/intake.ts';
import { isApiPath } from '../wire/endpoints.ts';
import { Authenticator } from './auth.ts';
import { problems } from './error-response.ts';
import { Guard } from './guard.ts';

/** Everything about requests that follows from one configuration; a reload makes another. */
export class Door {
  readonly config: Config;
  readonly engine: Engine;
  readonly #guard: Guard;
  readonly #authenticator: Authenticator;
  /** Whether a caller with nothing but a gateway token can be served by any upstream. */
  readonly #hasKey: boolean;

  constructor(config: Config, engine: Engine, loopback: boolean, salt: string) {
    this.config = config;
    this.engine = engine;
    this.#guard = new Guard(config);
    this.#hasKey = [...config.upstreams.values()].some(({ key }) => key !== null);
    this.#authenticator = new Authenticator({ tokens: config.tokens, loopback, salt });
  }

  /** What is wrong with the head of any request; null when nothing is. */
  check(request: IncomingMessage): Problem | null {
    return this.#guard.check(request);
  }

  /** Who calls the API, or why it may not. Denies what is not known. */
  admit(request: IncomingMessage): Caller | Problem {
    if (!isApiPath(request.url ?? '')) return problems.notFound;
    const caller = this.#authenticator.identify(request.headers);
    if (caller === null) return problems.unauthenticated;
    // The upstream would say that a key is missing, to a caller who has just shown one.
    return caller.token !== null && !this.#hasKey ? problems.keyless : caller;
  }

  /** Why this caller may not read `/ridethrough/*`; null when it may. */
  admitAdmin(request: IncomingMessage): Problem | null {
    return this.#authenticator.isAdmin(request.headers) ? null : problems.admin;
  }
}
