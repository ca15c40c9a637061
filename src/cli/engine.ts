import type { Config, Upstream as UpstreamConfig } from '../config/config.ts';
import type { Credential } from '../core/call.ts';
import { RidethroughError } from '../core/errors.ts';
import type { Observer } from '../core/events.ts';
import { systemRandom } from '../core/random.ts';
import { createEngine, type ScoutedEngine } from '../engine/engine.ts';
import type { Keeper } from '../engine/keeper.ts';
import { type SocketTransport, undiciTransport } from '../engine/transport.ts';
import { createCredential } from '../providers/credential.ts';
import type { Upstream } from '../providers/upstream.ts';
import { parseUpstreamUrl } from '../providers/upstream.ts';

function credentialOf({ key, auth }: UpstreamConfig, salt: string): Credential | null {
  if (key === null) return null;
  return auth === 'bearer' ? createCredential(null, key.reveal(), salt) : createCredential(key.reveal(), null, salt);
}

function upstreamOf(config: UpstreamConfig, salt: string): Upstream {
  const address = parseUpstreamUrl(config.url);
  if (address === null)
    throw new RidethroughError('invalid_config', `The upstream "${config.name}" has no http address.`);
  return { name: config.name, ...address, credential: credentialOf(config, salt), models: config.models };
}

/**
 * Makes the engines that configurations describe, for one after the other: those that reach their
 * upstreams in the same way share their sockets, so that a reload opens none anew. Sockets that are
 * no longer used end by themselves.
 * @param salt secret: ids of credentials are made with it; default one of this process
 * @param keeper where exhausted calls go whose callers want that; null: nowhere
 * @returns throws RidethroughError `invalid_config` for the address of an upstream or a proxy that is none
 */
export function engineFactory(
  salt: string = systemRandom.id(),
  keeper: Keeper | null = null,
): (config: Config, observer: Observer) => ScoutedEngine {
  let opened: { readonly way: string; readonly transport: SocketTransport } | null = null;
  return ({ limits, fallback, collect, proxy, upstream, upstreams }, observer) => {
    const { connect } = limits.timeouts;
    const way = JSON.stringify([connect, proxy]);
    if (opened?.way !== way) opened = { way, transport: undiciTransport({ connect, proxy }) };
    return createEngine({
      transport: opened.transport,
      primary: upstreamOf(upstream, salt),
      upstreams: new Map([...upstreams].map(([name, each]) => [name, upstreamOf(each, salt)])),
      fallback,
      collect,
      limits,
      observer,
      ...(keeper === null ? {} : { keeper }),
    });
  };
}
