import type { Environment } from '../config/config.ts';
import { isLoopback } from '../core/loopback.ts';
import { Secret } from '../core/secret.ts';

/** A key and the header it is sent in. */
export interface KeySetting {
  /** Where it stands, for people: the name of a variable. */
  readonly variable: string;
  readonly value: Secret;
  readonly auth: 'x-api-key' | 'bearer';
}

/** The key, looked for as the official SDKs do; null where there is none. */
export function keySetting(env: Environment): KeySetting | null {
  const places = [
    ['ANTHROPIC_API_KEY', 'x-api-key'],
    ['ANTHROPIC_AUTH_TOKEN', 'bearer'],
  ] as const;
  for (const [variable, auth] of places) {
    const value = env[variable];
    if (value !== undefined && value !== '') return { variable, value: new Secret(value), auth };
  }
  return null;
}

/** The header that carries the key. */
export function keyHeaders({ value, auth }: Pick<KeySetting, 'value' | 'auth'>): Record<string, string> {
  return auth === 'bearer' ? { authorization: `Bearer ${value.reveal()}` } : { 'x-api-key': value.reveal() };
}

/** True when the key holds what no key holds (spaces, quotes, line ends): it was copied badly. */
export function isMisshapen(key: KeySetting): boolean {
  return /[^\x21-\x7e]|["'`]/.test(key.value.reveal());
}

/**
 * ANTHROPIC_BASE_URL, unless it names a gateway on `ownPort` of this machine: then the variable was
 * set for clients, and following it would be a circle. Null where it is unset or names ourselves.
 */
export function upstreamFromEnvironment(env: Environment, ownPort: number): string | null {
  const value = env.ANTHROPIC_BASE_URL;
  if (value === undefined || value === '') return null;
  if (!URL.canParse(value)) return value;
  const { hostname, port } = new URL(value);
  return isLoopback(hostname) && port === String(ownPort) ? null : value;
}
