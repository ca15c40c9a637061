import { RidethroughError } from '../core/errors.ts';
import { defaultPort } from '../core/limits.ts';

/** `--url`, of commands that ask a running gateway. */
export const urlOption = {
  kind: 'text',
  value: 'URL',
  about: 'where the gateway runs',
  default: `http://127.0.0.1:${defaultPort}`,
} as const;

/**
 * An address without what does not belong into one.
 * @throws RidethroughError `invalid_usage`
 */
export function addressOf(text: string): string {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol)) return url.origin;
  throw new RidethroughError('invalid_usage', `--url wants an address such as http://127.0.0.1:${defaultPort}.`);
}
