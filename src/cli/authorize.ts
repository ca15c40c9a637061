import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { anthropicUrl } from '../config/resolve.ts';
import { RidethroughError } from '../core/errors.ts';
import { isMisshapen, keyHeaders, keySetting } from './environment.ts';

/** What a command goes by that calls the API itself. */
export interface ApiAccess {
  readonly config: Config;
  /** Of every request; the key is among them where the library does not add it. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The way to the API that is wanted: `--upstream`, else ANTHROPIC_BASE_URL, else what the configuration says.
 * @param path `--config`
 * @throws RidethroughError as `loadConfig` does; `invalid_usage` where there is no key that could be shown there
 */
export function apiAccess(wanted: string | undefined, path: string | undefined): ApiAccess {
  const upstream = wanted ?? (process.env.ANTHROPIC_BASE_URL || null);
  const upstreamFrom = wanted === undefined ? 'ANTHROPIC_BASE_URL' : '--upstream';
  const config = loadConfig({ path: path ?? null, upstream, upstreamFrom, env: process.env });
  const plain = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' };
  return { config, headers: { ...plain, ...authorize(config, wanted) } };
}

/**
 * Whose key is shown: the upstream's own, which the library adds, else that of the environment. The
 * environment's is Anthropic's, so it goes where a URL or the default points, not to another
 * company that the configuration names.
 * @param wanted what `--upstream` said
 * @returns headers; empty where the library adds the key
 * @throws RidethroughError `invalid_usage`
 */
function authorize({ upstream }: Config, wanted: string | undefined): Record<string, string> {
  if (upstream.key !== null) return {};
  const isNamed = wanted !== undefined && !wanted.includes('://');
  if (isNamed && upstream.url !== anthropicUrl) {
    throw new RidethroughError('invalid_usage', `The upstream "${upstream.name}" has no key: give it a key_env.`);
  }
  const key = keySetting(process.env);
  if (key === null) throw new RidethroughError('invalid_usage', 'There is no key: set ANTHROPIC_API_KEY.');
  if (!isMisshapen(key)) return keyHeaders(key);
  const message = `${key.variable} holds characters that no key has: set it again, without quotes and spaces.`;
  throw new RidethroughError('invalid_usage', message);
}
