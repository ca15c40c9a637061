import type { Config } from '../config/config.ts';
import { anthropicUrl } from '../config/resolve.ts';
import { RidethroughError } from '../core/errors.ts';
import { isMisshapen, keyHeaders, keySetting } from './environment.ts';

/**
 * Whose key is shown: the upstream's own, which the library adds, else that of the environment. The
 * environment's is Anthropic's, so it goes where a URL or the default points, not to another
 * company that the configuration names.
 * @param wanted what `--upstream` said
 * @returns headers; empty where the library adds the key
 * @throws RidethroughError `invalid_usage`
 */
export function authorize({ upstream }: Config, wanted: string | undefined): Record<string, string> {
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
