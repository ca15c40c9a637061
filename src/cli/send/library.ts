import type { Config, Upstream } from '../../config/config.ts';
import type { Observer } from '../../core/events.ts';
import type { RidethroughOptions, UpstreamOptions } from '../../index.ts';

function upstreamOptions({ url, key, auth, models }: Upstream): UpstreamOptions {
  return { url, auth, models: Object.fromEntries(models), ...(key === null ? {} : { key: key.reveal() }) };
}

/** The library's options that say what a configuration says. */
export function libraryOptions(config: Config, observer: Observer): RidethroughOptions {
  const { timeouts, retry, budget, breaker, recovery } = config.limits;
  const upstreams = [...config.upstreams].map(([name, upstream]) => [name, upstreamOptions(upstream)]);
  return {
    timeouts,
    retry,
    budget,
    breaker,
    recovery,
    collect: config.collect,
    fallback: Object.fromEntries(config.fallback),
    upstreams: Object.fromEntries(upstreams),
    observer,
    ...(config.proxy === null ? {} : { proxy: config.proxy }),
  };
}
