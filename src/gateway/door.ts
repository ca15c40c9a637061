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

  constructor(config: Config, engine: Engine, loopback: boolean, salt: string) {
    this.config = config;
    this.engine = engine;
    this.#guard = new Guard(config);
    this.#authenticator = new Authenticator({ tokens: config.tokens, loopback, salt });
  }

  /** What is wrong with the head of any request; null when nothing is. */
  check(request: IncomingMessage): Problem | null {
    return this.#guard.check(request);
  }

  /** Who calls the API, or why it may not. Denies what is not known. */
  admit(request: IncomingMessage): Caller | Problem {
    if (!isApiPath(request.url ?? '')) return problems.notFound;
    return this.#authenticator.identify(request.headers) ?? problems.unauthenticated;
  }

  /** Why this caller may not read `/ridethrough/*`; null when it may. */
  admitAdmin(request: IncomingMessage): Problem | null {
    return this.#authenticator.isAdmin(request.headers) ? null : problems.admin;
  }
}
