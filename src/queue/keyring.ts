import type { Caller, Credential } from '../core/call.ts';
import { LruMap } from '../core/lru.ts';
import { credentialsMax } from './limits.ts';
import type { Vault } from './vault.ts';

/** What drain needs to know of the configuration in force. */
export interface Doors {
  /** The variable with the default upstream's own key; null where it has none. */
  readonly keyEnv: string | null;
  /** The names of the gateway tokens that open the API. */
  readonly tokens: ReadonlySet<string>;
}

/** Who is calling, in the queue's words. */
export interface Identity {
  /** As `NewBatch.scope`: `token:NAME`, `caller:HMAC`, or `local` for a caller that showed nothing. */
  readonly scope: string;
  /** As `NewBatch.credential`: `env:NAME`, `caller:HMAC`, or `none` where the upstream was asked without one. */
  readonly credential: string;
}

/**
 * Knows whose work is whose (R13), and with which credential it is done. Values of callers' credentials
 * are in memory only: after a restart their work waits until they call again.
 */
export class Keyring {
  readonly #vault: Vault;
  readonly #names = new WeakMap<Credential, string>();
  readonly #credentials = new LruMap<string, Credential>(credentialsMax);
  /** Of the configuration in force; a reload replaces it. */
  doors: Doors = { keyEnv: null, tokens: new Set() };

  constructor(vault: Vault) {
    this.#vault = vault;
  }

  /** Whose the work of this caller is, and what it is done with. */
  identify({ credential, token }: Caller): Identity {
    const name = credential === null ? null : this.#nameOf(credential);
    return { scope: token !== null ? `token:${token}` : (name ?? 'local'), credential: name ?? this.#own };
  }

  /** Keeps the caller's credential in memory. @returns true when its work could not be done before */
  remember({ credential }: Caller): boolean {
    if (credential === null) return false;
    const name = this.#nameOf(credential);
    const isNew = this.#credentials.get(name) === undefined;
    if (isNew) this.#credentials.getOrCreate(name, () => credential);
    return isNew;
  }

  /**
   * The caller in whose name an item is sent now. @returns null while it cannot be: its token or its key is
   * configured no more, or its caller, whose own key it was, has not called since the start
   */
  callerFor({ scope, credential }: Identity): Caller | null {
    const token = scope.startsWith('token:') ? scope.slice('token:'.length) : null;
    if (token !== null && !this.doors.tokens.has(token)) return null;
    if (credential === this.#own) return { credential: null, token };
    const value = this.#credentials.get(credential);
    return value === undefined ? null : { credential: value, token };
  }

  /** The name of the key that the upstream has of its own. */
  get #own(): string {
    return this.doors.keyEnv === null ? 'none' : `env:${this.doors.keyEnv}`;
  }

  #nameOf(credential: Credential): string {
    let name = this.#names.get(credential);
    if (name === undefined) {
      // One key is one caller, in whichever header: curl shows it as `x-api-key`, the official SDK as a bearer.
      // No header value can hold a NUL, so two different showings never join to the same text.
      const shown = [credential.apiKey, credential.bearer].flatMap((value) => value?.reveal() ?? []).join('\0');
      name = `caller:${this.#vault.nameOf(shown)}`;
      this.#names.set(credential, name);
    }
    return name;
  }
}
