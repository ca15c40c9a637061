import type { Environment } from '../../config/config.ts';
import type { Check } from './check.ts';
import { ok, problem, skipped } from './check.ts';

/** The proxy that is named for a target. */
interface ProxySetting {
  /** Where it stands: `HTTPS_PROXY`, or the key of the configuration. */
  readonly variable: string;
  readonly value: string;
}

/** What applies to `target`: the configuration, else a variable, lower case first as everywhere else; null where none is set. */
function proxySetting(target: URL, env: Environment, configured: string | null): ProxySetting | null {
  if (configured !== null) return { variable: '"proxy" of the configuration', value: configured };
  const names = target.protocol === 'https:' ? ['https_proxy', 'HTTPS_PROXY'] : [];
  for (const variable of [...names, 'http_proxy', 'HTTP_PROXY']) {
    const value = env[variable];
    if (value !== undefined && value !== '') return { variable, value };
  }
  return null;
}

/** True when NO_PROXY says that `target` is reached directly: `*`, a name, or a name and all below it, each with or without port. */
function isExempt(target: URL, env: Environment): boolean {
  const port = target.port || (target.protocol === 'https:' ? '443' : '80');
  const entries = (env.no_proxy ?? env.NO_PROXY ?? '').split(/[\s,]+/).filter((entry) => entry !== '');
  return entries.some((entry) => {
    if (entry === '*') return true;
    const [, host = '', entryPort] = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
    const name = host.replace(/^\*?\./, '');
    const named = target.hostname === name || target.hostname.endsWith(`.${name}`);
    return named && (entryPort === undefined || entryPort === port);
  });
}

/** The proxy's address, or null where its value is no http address. */
function proxyAddress(setting: ProxySetting): URL | null {
  if (!URL.canParse(setting.value)) return null;
  const url = new URL(setting.value);
  return /^https?:$/.test(url.protocol) && url.hostname !== '' ? url : null;
}

/**
 * The proxy that requests to `target` go through; null where they go directly.
 * @param configured `proxy` of the configuration; default none
 */
export function proxyInUse(target: URL, env: Environment, configured: string | null = null): URL | null {
  const setting = proxySetting(target, env, configured);
  return setting === null || isExempt(target, env) ? null : proxyAddress(setting);
}

/** Looks at what names a proxy. Names the proxy by its host only: its address may hold a password. */
export function checkProxy(target: URL, env: Environment, configured: string | null = null): Check {
  const setting = proxySetting(target, env, configured);
  if (setting === null) {
    const other = env.ALL_PROXY ?? env.all_proxy;
    if (other === undefined || other === '') return ok('proxy', 'none is set');
    return problem('proxy', 'only ALL_PROXY is set, which is not read', 'set HTTPS_PROXY to the same address');
  }
  const address = proxyAddress(setting);
  if (address === null) {
    return problem(
      'proxy',
      `${setting.variable} is no http address`,
      `write it as ${setting.variable}=http://HOST:PORT, or unset it`,
    );
  }
  if (isExempt(target, env)) return skipped('proxy', `${setting.variable} is set; NO_PROXY exempts ${target.hostname}`);
  return ok('proxy', `${setting.variable}: ${target.hostname} is reached through ${address.host}`);
}
