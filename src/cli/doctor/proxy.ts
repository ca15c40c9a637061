import type { Environment } from '../../config/config.ts';
import type { Check } from './check.ts';
import { ok, problem, skipped } from './check.ts';

/** The proxy that the environment names for a target. */
interface ProxySetting {
  /** The variable it stands in: `HTTPS_PROXY`. */
  readonly variable: string;
  readonly value: string;
}

/** The variable that applies to `target`, lower case first as everywhere else; null where none is set. */
function proxySetting(target: URL, env: Environment): ProxySetting | null {
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

/** The proxy that requests to `target` go through; null where they go directly. */
export function proxyInUse(target: URL, env: Environment): URL | null {
  const setting = proxySetting(target, env);
  return setting === null || isExempt(target, env) ? null : proxyAddress(setting);
}

/** Looks at the proxy variables. Names the proxy by its host only: its address may hold a password. */
export function checkProxy(target: URL, env: Environment): Check {
  const setting = proxySetting(target, env);
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
