import { lookup } from 'node:dns/promises';
import type { Config } from '../config/config.ts';
import { RidethroughError } from '../core/errors.ts';
import { isLoopback } from '../core/loopback.ts';
import { type BoundAddress, isOwnAddress } from './own-address.ts';

/** The address a host name stands for, so that what is checked is what is bound. */
export async function resolveHost(host: string): Promise<string> {
  try {
    return (await lookup(host.replace(/^\[|\]$/g, ''))).address;
  } catch (cause) {
    throw new RidethroughError('invalid_usage', `The host ${host} is no address of this machine: use 127.0.0.1.`, {
      cause,
    });
  }
}

/**
 * Off loopback, whoever can connect could use what this gateway may use.
 * @throws RidethroughError `unsafe_bind`
 */
export function checkTokens(config: Config, address: string): void {
  if (isLoopback(address) || config.tokens.some((token) => !token.admin)) return;
  throw new RidethroughError(
    'unsafe_bind',
    `Listening on ${address} lets other machines in, and there is no token to tell them apart: set the environment variable RIDETHROUGH_TOKEN, or "tokens" in the configuration, or listen on 127.0.0.1.`,
  );
}

/**
 * A gateway whose upstream is itself would call itself for ever.
 * @throws RidethroughError `invalid_config`
 */
export async function checkUpstreams(config: Config, bound: BoundAddress): Promise<void> {
  for (const { name, url } of config.upstreams.values()) {
    if (!(await isOwnAddress(url, bound))) continue;
    throw new RidethroughError(
      'invalid_config',
      `The upstream "${name}" (${url}) is this gateway itself: give the address of the API, or another port.`,
    );
  }
}
