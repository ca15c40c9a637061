import type { Config, Upstream as UpstreamConfig } from '../config/config.ts';
import type { Credential } from '../core/call.ts';
import { RidethroughError } from '../core/errors.ts';
import type { Observer } from '../core/events.ts';
import { systemRandom } from '../core/random.ts';
import type { Transport } from '../core/transport.ts';
import type { Engine } from '../engine/engine.ts';
import { createEngine } from '../engine/engine.ts';
import { undiciTransport } from '../engine/transport.ts';
import { createCredential } from '../providers/credential.ts';
import type { Upstream } from '../providers/upstream.ts';
import { parseUpstreamUrl } from '../providers/upstream.ts';

const salt = systemRandom.id();

function credentialOf({ key, auth }: UpstreamConfig): Credential | null {
  if (key === null) return null;
  return auth === 'bearer' ? createCredential(null, key.reveal(), salt) : createCredential(key.reveal(), null, salt);
}

function upstreamOf(config: UpstreamConfig): Upstream {
  const address = parseUpstreamUrl(config.url);
  if (address === null)
    throw new RidethroughError('invalid_config', `The upstream "${config.name}" has no http address.`);
  return { name: config.name, ...address, credential: credentialOf(config), models: config.models };
}

function openTransport(config: Config): Transport {
  const { connect } = config.limits.timeouts;
  try {
    return undiciTransport(config.proxy === null ? { connect } : { connect, proxy: config.proxy });
  } catch (cause) {
    const message = 'HTTPS_PROXY or HTTP_PROXY is no http address: write it as http://HOST:PORT, or unset it.';
    throw new RidethroughError('invalid_config', message, { cause });
  }
}

/**
 * The engine that a configuration describes, with sockets of its own.
 * @throws RidethroughError `invalid_config` for the address of an upstream or a proxy that is none
 */
export function engineFor(config: Config, observer: Observer): Engine {
  const { limits, fallback, collect } = config;
  return createEngine({
    transport: openTransport(config),
    primary: upstreamOf(config.upstream),
    upstreams: new Map([...config.upstreams].map(([name, upstream]) => [name, upstreamOf(upstream)])),
    fallback,
    collect,
    limits,
    observer,
  });
}
