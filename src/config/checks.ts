import { RidethroughError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import type { Environment } from './config.ts';

/** A configuration that cannot be used: one sentence that says what is wrong and what to do. */
export function invalid(message: string): RidethroughError {
  return new RidethroughError('invalid_config', message);
}

/**
 * The value of an environment variable that the file names.
 * @param path the key that names it, for errors
 * @throws RidethroughError `invalid_config` where it is not set
 */
export function readVariable(variable: string, path: string, env: Environment): Secret {
  const value = env[variable]?.trim();
  if (value) return new Secret(value);
  // What is not written as variables are may be the secret itself, in the wrong place.
  const what = /^[A-Z][A-Z0-9_]{0,39}$/.test(variable)
    ? `the environment variable ${variable}, which`
    : 'a variable that';
  throw invalid(`"${path}" names ${what} is not set: set it, or remove the key.`);
}

/**
 * An address of an HTTP server, without what does not belong into one, and without a final slash.
 * @param label what errors call it
 * @throws RidethroughError `invalid_config`
 */
export function checkedAddress(text: string, label: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) throw invalid(`${label} must be an http or https URL.`);
  if (url.username !== '' || url.password !== '') {
    throw invalid(`${label} holds a user name or password: put the key into an environment variable and name it.`);
  }
  if (url.search !== '' || url.hash !== '') throw invalid(`${label} must be without a query and a fragment.`);
  return url.origin + url.pathname.replace(/\/+$/, '');
}
