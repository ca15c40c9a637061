import type { Environment } from '../config/config.ts';
import { Secret } from '../core/secret.ts';

/** The port that `serve` takes by default; `doctor` looks at it. */
export const defaultPort = 4141;

/** A key of the environment and the header it is sent in. */
export interface KeySetting {
  readonly variable: 'ANTHROPIC_API_KEY' | 'ANTHROPIC_AUTH_TOKEN';
  readonly value: Secret;
}

/** The key, looked for as the official SDKs do; null where there is none. */
export function keySetting(env: Environment): KeySetting | null {
  for (const variable of ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN'] as const) {
    const value = env[variable];
    if (value !== undefined && value !== '') return { variable, value: new Secret(value) };
  }
  return null;
}

/** The header that carries the key: an API key has its own, a token is a Bearer. */
export function keyHeaders(key: KeySetting): Record<string, string> {
  if (key.variable === 'ANTHROPIC_API_KEY') return { 'x-api-key': key.value.reveal() };
  return { authorization: `Bearer ${key.value.reveal()}` };
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
  const isLoopback = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
  return isLoopback && port === String(ownPort) ? null : value;
}
