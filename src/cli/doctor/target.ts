import type { Config, Environment } from '../../config/config.ts';
import { loadConfig, parseConfig } from '../../config/load.ts';
import { anthropicUrl } from '../../config/resolve.ts';
import { RidethroughError } from '../../core/errors.ts';
import { defaultPort } from '../../core/limits.ts';
import type { KeySetting } from '../environment.ts';
import { keySetting, upstreamFromEnvironment } from '../environment.ts';

/** What is to be examined. */
export interface Target {
  /** null: nothing is, because only a configuration that cannot be used would say what. */
  readonly upstream: URL | null;
  /** Who decided on it, in a few words. */
  readonly source: string;
  /** The key that would be shown there; null where callers bring their own, and where `upstream` is null. */
  readonly key: KeySetting | null;
  /** `proxy` of the configuration; null: what the environment says. */
  readonly proxy: string | null;
  /** Why the configuration could not be loaded; null when it could. */
  readonly fault: RidethroughError | null;
}

interface Wish {
  readonly upstream: string | null;
  readonly from: '--upstream' | 'ANTHROPIC_BASE_URL';
}

/** A flag goes first. A file that was named goes before the variable, which `serve` ignores. */
function wishOf(upstream: string | null, path: string | null, env: Environment): Wish {
  if (upstream !== null || path !== null) return { upstream, from: '--upstream' };
  return { upstream: upstreamFromEnvironment(env, defaultPort), from: 'ANTHROPIC_BASE_URL' };
}

function sourceOf(wish: Wish, env: Environment): string {
  if (wish.upstream !== null) return `by ${wish.from}`;
  const isGateway = (env.ANTHROPIC_BASE_URL ?? '') !== '' && upstreamFromEnvironment(env, defaultPort) === null;
  return isGateway ? 'ANTHROPIC_BASE_URL is the gateway itself: this looks behind it' : 'as `serve` would use it';
}

/** A default taken in its place would be shown a key that may be meant for another company. */
const unknown = 'the configuration cannot be used, and no address is given with --upstream';

/** The environment's key is Anthropic's: it is not shown to another company that the configuration names. */
function keyFor({ upstream }: Config, wish: Wish, env: Environment): KeySetting | null {
  const { name, key: value, auth, url } = upstream;
  if (value !== null) return { variable: `the key of the upstream "${name}"`, value, auth };
  return wish.upstream?.includes('://') || url === anthropicUrl ? keySetting(env) : null;
}

/**
 * Finds the upstream that `serve` would use with the same flags. A broken configuration is no reason not to look at
 * one whose address is known without it.
 * @param upstream `--upstream`, a URL or a configured name
 * @param path `--config`
 * @throws RidethroughError `invalid_usage` where `upstream`, or ANTHROPIC_BASE_URL, is neither
 */
export function findTarget(upstream: string | null, path: string | null, env: Environment): Target {
  const wish = wishOf(upstream, path, env);
  const source = sourceOf(wish, env);
  const targetOf = (config: Config, fault: RidethroughError | null): Target => {
    const { upstream, proxy } = config;
    return { upstream: new URL(upstream.url), source, key: keyFor(config, wish, env), proxy, fault };
  };
  try {
    return targetOf(loadConfig({ path, upstream: wish.upstream, upstreamFrom: wish.from, env }), null);
  } catch (error) {
    if (!(error instanceof RidethroughError) || error.code === 'invalid_usage') throw error;
    // The names of upstreams are in the file that cannot be read; an address needs none.
    if (!wish.upstream?.includes('://'))
      return { upstream: null, source: unknown, key: null, proxy: null, fault: error };
    return targetOf(parseConfig('', null, { upstream: wish.upstream, upstreamFrom: wish.from, env: {} }), error);
  }
}
