import { createHash, hash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { GatewayToken } from '../config/config.ts';
import type { Caller } from '../core/call.ts';
import { routesRememberedMax } from '../core/limits.ts';
import { LruMap } from '../core/lru.ts';
import { bearerOf, createCredential } from '../providers/credential.ts';

export interface AuthOptions {
  readonly tokens: readonly GatewayToken[];
  /** True where only this machine can connect: everybody is trusted and no token demanded. */
  readonly loopback: boolean;
  /** Random, of this process: credential ids of two machines cannot be matched. */
  readonly salt: string;
}

/** The three places where a caller may show who it is. */
interface Shown {
  readonly apiKey: string | null;
  readonly bearer: string | null;
  readonly token: string | null;
}

/** Finds out who is calling (R13). */
export class Authenticator {
  readonly #options: AuthOptions;
  readonly #dataTokens: readonly GatewayToken[];
  readonly #adminTokens: readonly GatewayToken[];
  /** By a digest of everything that was shown, so that one hash a request is all that is computed. */
  readonly #callers = new LruMap<string, Caller>(routesRememberedMax);
  /** Requests of one caller come in rows: the last showing is compared before it is hashed. */
  #last: { readonly shown: string; readonly caller: Caller } | null = null;

  constructor(options: AuthOptions) {
    this.#options = options;
    this.#dataTokens = options.tokens.filter((token) => !token.admin);
    this.#adminTokens = options.tokens.filter((token) => token.admin);
  }

  /** Who is calling the API; null for a caller that may not. */
  identify(headers: IncomingHttpHeaders): Caller | null {
    const apiKey = textOf(headers['x-api-key']);
    const authorization = textOf(headers.authorization);
    const token = textOf(headers['ridethrough-token']);
    // No header value can hold a NUL, so different showings never join to the same text.
    const shown = `${apiKey ?? ''}\0${authorization ?? ''}\0${token ?? ''}`;
    if (this.#last?.shown === shown) return this.#last.caller;
    const key = hash('sha256', shown, 'base64');
    const caller = this.#callers.get(key) ?? this.#resolve({ apiKey, bearer: bearerOf(authorization), token });
    if (caller === null) return null;
    this.#last = { shown, caller };
    return this.#callers.getOrCreate(key, () => caller);
  }

  /** Whether `/ridethrough/*` is open to this caller. Data tokens never open it. */
  isAdmin(headers: IncomingHttpHeaders): boolean {
    if (this.#options.loopback) return true;
    const shown = [headers['x-api-key'], bearerOf(textOf(headers.authorization)), headers['ridethrough-token']];
    return shown.some((value) => find(this.#adminTokens, textOf(value)) !== null);
  }

  #resolve(shown: Shown): Caller | null {
    const values = [shown.apiKey, shown.bearer, shown.token];
    // An admin token opens no data path, and above all never goes upstream as if it were a key.
    if (values.some((value) => find(this.#adminTokens, value) !== null)) return null;
    const beside = find(this.#dataTokens, shown.token);
    // A token that is shown must be right, also where none is demanded.
    if (shown.token !== null && beside === null && this.#dataTokens.length > 0) return null;
    const instead = find(this.#dataTokens, shown.apiKey) ?? find(this.#dataTokens, shown.bearer);
    if (instead !== null) return { credential: null, token: instead.name };
    if (beside === null && !this.#options.loopback) return null;
    const credential = createCredential(shown.apiKey, shown.bearer, this.#options.salt);
    const token = credential === null && beside !== null ? beside.name : null;
    return { credential, token };
  }
}

/** Compares with every token, so that the time taken tells nothing about which one was close. */
function find(tokens: readonly GatewayToken[], value: string | null): GatewayToken | null {
  if (value === null || tokens.length === 0) return null;
  const digest = createHash('sha256').update(value).digest();
  let found: GatewayToken | null = null;
  for (const token of tokens) if (timingSafeEqual(digest, token.digest)) found = token;
  return found;
}

function textOf(value: string | string[] | null | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
