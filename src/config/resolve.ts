import { createHash } from 'node:crypto';
import { RidethroughError } from '../core/errors.ts';
import { checkFallback } from './check-fallback.ts';
import { checkedAddress, invalid, readVariable } from './checks.ts';
import type { Config, Environment, GatewayToken, Upstream } from './config.ts';
import { hookOf, resolveAlerts, resolveStatus } from './resolve-alerts.ts';
import type { FileConfig } from './schema.ts';

/** The upstream that is there without any configuration. */
export const anthropicUrl = 'https://api.anthropic.com';

/** Tokens that need no configuration: the variable is enough. */
const implicitTokens = [
  { name: 'RIDETHROUGH_TOKEN', env: 'RIDETHROUGH_TOKEN', admin: false },
  { name: 'RIDETHROUGH_ADMIN_TOKEN', env: 'RIDETHROUGH_ADMIN_TOKEN', admin: true },
];

/** An upstream that was given outside the file. */
export interface UpstreamOverride {
  /** A URL or a configured name. */
  readonly value: string;
  /** The flag or variable it stood in, for errors. */
  readonly from: string;
}

/** The shortest token that is accepted: shorter ones can be guessed. */
const tokenLengthMin = 16;

/**
 * Turns a checked file into a `Config`: reads the named environment variables, normalises URLs and
 * finds the default upstream.
 * @param override goes before the file's `upstream`
 * @throws RidethroughError `invalid_config`; `invalid_usage` where `override` is wrong
 */
export function resolveConfig(file: FileConfig, env: Environment, override: UpstreamOverride | null): Config {
  const upstreams = resolveUpstreams(file, env);
  const upstream =
    override === null ? resolveDefault(file.upstream, '"upstream"', upstreams) : overridden(override, upstreams);
  upstreams.set(upstream.name, upstream);
  const { offload_after: offloadAfter = null, ...queue } = file.queue;
  checkFallback(file.fallback, upstream.name, [...upstreams.keys()]);
  return {
    limits: {
      timeouts: file.timeouts,
      retry: file.retry,
      budget: file.budget,
      breaker: file.breaker,
      recovery: file.recovery,
    },
    collect: file.collect,
    fallback: new Map(Object.entries(file.fallback)),
    upstream,
    upstreams,
    tokens: resolveTokens(file, env),
    hosts: file.hosts.map((host) => host.toLowerCase()),
    origins: file.origins.map((origin) => origin.toLowerCase()),
    proxy: file.proxy === undefined ? null : checkedProxy(file.proxy),
    ledger: file.ledger,
    queue: { ...queue, offloadAfter },
    webhook: file.webhook === undefined ? null : hookOf(file.webhook, 'webhook', env),
    replies: file.replies,
    status: resolveStatus(file.status, env),
    alerts: resolveAlerts(file.alerts, env),
  };
}

function resolveUpstreams(file: FileConfig, env: Environment): Map<string, Upstream> {
  const upstreams = new Map<string, Upstream>();
  for (const [name, given] of Object.entries(file.upstreams)) {
    const { kind, auth } = given;
    const key = given.key_env === undefined ? null : readVariable(given.key_env, `upstreams.${name}.key_env`, env);
    const url = checkedUrl(given.url, `"upstreams.${name}.url"`);
    upstreams.set(name, {
      name,
      url,
      kind,
      key,
      keyEnv: given.key_env ?? null,
      auth,
      models: new Map(Object.entries(given.models)),
    });
  }
  return upstreams;
}

function overridden({ value, from }: UpstreamOverride, upstreams: ReadonlyMap<string, Upstream>): Upstream {
  try {
    return resolveDefault(value, from, upstreams);
  } catch (error) {
    if (!(error instanceof RidethroughError)) throw error;
    throw new RidethroughError('invalid_usage', error.message, { cause: error });
  }
}

/**
 * A name, or a URL; a URL that a configured upstream has means that upstream, with its key.
 * @param label what errors call it
 */
function resolveDefault(given: string, label: string, upstreams: ReadonlyMap<string, Upstream>): Upstream {
  const named = upstreams.get(given);
  if (named !== undefined) return named;
  if (given === 'anthropic') return plainUpstream('anthropic', anthropicUrl);
  if (!given.includes('://')) {
    const known = [...new Set([...upstreams.keys(), 'anthropic'])].join(', ');
    throw invalid(`${label} must be a URL or the name of an upstream; the names are ${known}.`);
  }
  const url = checkedUrl(given, label);
  for (const upstream of upstreams.values()) if (upstream.url === url) return upstream;
  // Not a word such as `default`: a verdict names the upstream, and that would be read as the API of the product.
  const name = url === anthropicUrl ? 'anthropic' : new URL(url).host;
  if (upstreams.has(name)) {
    throw invalid(`${label} is a URL that "upstreams.${name}" does not have: name that upstream, or rename it.`);
  }
  return plainUpstream(name, url);
}

function plainUpstream(name: string, url: string): Upstream {
  return { name, url, kind: 'anthropic', key: null, keyEnv: null, auth: 'x-api-key', models: new Map() };
}

function resolveTokens(file: FileConfig, env: Environment): GatewayToken[] {
  const named = Object.entries(file.tokens).map(([name, given]) => ({ name, ...given }));
  const present = implicitTokens.filter(
    (token) => !named.some(({ env: used }) => used === token.env) && env[token.env],
  );
  const tokens: GatewayToken[] = [];
  for (const { name, env: variable, admin } of [...named, ...present]) {
    const value = readVariable(variable, `tokens.${name}.env`, env).reveal();
    if (value.length < tokenLengthMin) {
      throw invalid(
        `The token "${name}" is shorter than ${tokenLengthMin} characters and could be guessed: make a long random one.`,
      );
    }
    const digest = createHash('sha256').update(value).digest();
    // A data token must never open the administration, so one value cannot be both.
    const twin = tokens.find((token) => digest.equals(token.digest));
    if (twin !== undefined) throw invalid(`The tokens "${twin.name}" and "${name}" have the same value: change one.`);
    tokens.push({ name, admin, digest });
  }
  return tokens;
}

function checkedUrl(text: string, label: string): string {
  // People copy base URLs with the version; `/v1/…` is appended from the caller's own path.
  return checkedAddress(text, label).replace(/\/v1$/, '');
}

function checkedProxy(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) throw invalid('"proxy" must be an http or https URL.');
  if (url.username !== '' || url.password !== '') {
    throw invalid('"proxy" holds a user name or password: set HTTPS_PROXY in the environment instead.');
  }
  return url.origin;
}
