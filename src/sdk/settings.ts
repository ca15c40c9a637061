import { RidethroughError } from '../core/errors.ts';
import type { Observer } from '../core/events.ts';
import { defaultLimits, type Limits } from '../core/limits.ts';
import type { CollectMode } from '../policies/answer-form.ts';
import { createCredential } from '../providers/credential.ts';
import { parseUpstreamUrl, type Upstream } from '../providers/upstream.ts';
import type { RidethroughOptions, UpstreamOptions } from './options.ts';

/** Checked options, with every default filled in. */
export interface Settings {
  readonly limits: Limits;
  readonly upstreams: ReadonlyMap<string, Upstream>;
  readonly fallback: ReadonlyMap<string, readonly string[]>;
  readonly collect: CollectMode;
  readonly proxy: string | null;
  readonly observer: Observer;
}

/** Environment variables, passed in. */
type Environment = Readonly<Record<string, string | undefined>>;

const optionNames = [
  'timeouts',
  'retry',
  'budget',
  'breaker',
  'recovery',
  'collect',
  'fallback',
  'upstreams',
  'proxy',
  'observer',
] as const satisfies (keyof RidethroughOptions)[];
const collectModes = ['auto', 'always', 'off'] as const satisfies CollectMode[];
const observed = ['attempt', 'call', 'breaker'] as const satisfies (keyof Observer)[];
const upstreamNames = ['url', 'key', 'key_env', 'auth', 'models'] as const satisfies (keyof UpstreamOptions)[];

/** Where 0 means something: no retries, no backoff, no budget. */
const mayBeZero: ReadonlySet<string> = new Set([
  'retry.max',
  'retry.base',
  'retry.cap',
  'budget.ratio',
  'budget.floor',
  'recovery.resumes',
  'recovery.max_input_tokens',
]);

/**
 * Checks the options and merges them over the defaults.
 * @param salt see `createCredential`
 * @throws RidethroughError `invalid_config`
 */
export function settle(options: RidethroughOptions, env: Environment, salt: string): Settings {
  refuseUnknown('', options, optionNames);
  const { fallback = {}, upstreams = {}, collect = 'auto', proxy = null, observer = {} } = options;
  if (!collectModes.includes(collect)) throw invalid(`"collect" must be one of ${collectModes.join(', ')}.`);
  if (proxy !== null && !/^https?:$/.test(URL.parse(proxy)?.protocol ?? '')) {
    throw invalid('"proxy" must be an http or https URL.');
  }
  for (const name of observed) {
    const listener = objectOf('"observer"', observer)[name];
    if (listener !== undefined && typeof listener !== 'function')
      throw invalid(`"observer.${name}" must be a function.`);
  }
  const named = Object.entries(objectOf('"upstreams"', upstreams)).map(
    ([name, given]) => [name, upstreamOf(name, given, env, salt)] as const,
  );
  for (const [model, targets] of Object.entries(objectOf('"fallback"', fallback))) {
    const isList = Array.isArray(targets) && targets.length > 0;
    const right = isList && targets.every((target) => typeof target === 'string' && target !== '');
    if (!right) throw invalid(`"fallback.${model}" must be an array of one model or more.`);
    if (targets.includes(model))
      throw invalid(`"fallback.${model}" names the model itself: name another, or remove it.`);
  }
  return {
    limits: limitsOf(options),
    upstreams: new Map(named),
    fallback: new Map(Object.entries(fallback)),
    collect,
    proxy,
    observer,
  };
}

function limitsOf(options: RidethroughOptions): Limits {
  const limits = {
    timeouts: merged('timeouts', defaultLimits.timeouts, options.timeouts),
    retry: merged('retry', defaultLimits.retry, options.retry),
    budget: merged('budget', defaultLimits.budget, options.budget),
    breaker: merged('breaker', defaultLimits.breaker, options.breaker),
    recovery: merged('recovery', defaultLimits.recovery, options.recovery),
  };
  if (limits.retry.cap < limits.retry.base) throw invalid('"retry.cap" must not be less than "retry.base".');
  if (limits.breaker.open_max < limits.breaker.open) {
    throw invalid('"breaker.open_max" must not be less than "breaker.open".');
  }
  return limits;
}

function merged<T extends Readonly<Record<string, number>>>(section: string, defaults: T, given: Partial<T> = {}): T {
  refuseUnknown(`${section}.`, given, Object.keys(defaults));
  for (const [name, value] of Object.entries(given)) {
    const path = `${section}.${name}`;
    const right = typeof value === 'number' && Number.isFinite(value) && value >= 0;
    if (!right || (value === 0 && !mayBeZero.has(path))) {
      throw invalid(`"${path}" must be a number ${mayBeZero.has(path) ? 'of at least' : 'above'} 0.`);
    }
  }
  return { ...defaults, ...given };
}

function upstreamOf(name: string, given: UpstreamOptions, env: Environment, salt: string): Upstream {
  const path = `upstreams.${name}`;
  if (name === '' || name.includes('/')) throw invalid(`"${path}": the name of an upstream must be without a slash.`);
  refuseUnknown(`${path}.`, given, upstreamNames);
  const address = parseUpstreamUrl(given.url);
  if (address === null) throw invalid(`"${path}.url" must be an http or https URL without user, query and fragment.`);
  const { auth = 'x-api-key' } = given;
  if (auth !== 'x-api-key' && auth !== 'bearer') throw invalid(`"${path}.auth" must be "x-api-key" or "bearer".`);
  const { models = {} } = given;
  if (given.key !== undefined) checkText(`${path}.key`, given.key);
  for (const [model, theirs] of Object.entries(objectOf(`"${path}.models"`, models))) {
    checkText(`${path}.models.${model}`, theirs);
  }
  const key = given.key ?? keyFrom(given.key_env, `${path}.key_env`, env);
  const credential = auth === 'bearer' ? createCredential(null, key, salt) : createCredential(key, null, salt);
  return { name, ...address, credential, models: new Map(Object.entries(models)) };
}

function keyFrom(variable: string | undefined, path: string, env: Environment): string | null {
  if (variable === undefined) return null;
  const value = env[variable]?.trim();
  if (value) return value;
  throw invalid(
    `"${path}" names the environment variable ${variable}, which is not set: set it, or remove the option.`,
  );
}

/** A misspelt option would be ignored, and its default would be taken for what was asked. */
function refuseUnknown(prefix: string, given: unknown, known: readonly string[]): void {
  const members = objectOf(prefix === '' ? 'The options' : `"${prefix.slice(0, -1)}"`, given);
  const unknown = Object.keys(members).find((name) => !known.includes(name));
  if (unknown !== undefined) throw invalid(`"${prefix}${unknown}" is no option; there are ${known.join(', ')}.`);
}

/** @param label what errors call it */
function objectOf<T>(label: string, given: T): T & object {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given;
  throw invalid(`${label} must be an object.`);
}

function checkText(path: string, given: unknown): void {
  if (typeof given !== 'string' || given === '') throw invalid(`"${path}" must be text that is not empty.`);
}

function invalid(message: string): RidethroughError {
  return new RidethroughError('invalid_config', message);
}
