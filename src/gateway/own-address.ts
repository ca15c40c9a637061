import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';

/** An address and port that a socket is bound to. */
export interface BoundAddress {
  readonly address: string;
  readonly port: number;
}

/**
 * Whether requests to a URL would come back to the socket that is bound: such an upstream is a
 * loop. The name is resolved only if the port is ours, which it hardly ever is.
 */
export async function isOwnAddress(url: string, bound: BoundAddress): Promise<boolean> {
  const { protocol, hostname, port } = new URL(url);
  if (Number(port || (protocol === 'https:' ? 443 : 80)) !== bound.port) return false;
  const own = ownAddresses(bound.address);
  const addresses = await resolve(hostname.replace(/^\[|\]$/g, ''));
  return addresses.some((address) => own.has(address));
}

function ownAddresses(bound: string): ReadonlySet<string> {
  if (bound !== '0.0.0.0' && bound !== '::') return new Set([bound]);
  const all = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return new Set([bound, '127.0.0.1', '::1', ...all.map((entry) => entry.address)]);
}

async function resolve(hostname: string): Promise<string[]> {
  try {
    return (await lookup(hostname, { all: true })).map((entry) => entry.address);
  } catch {
    // A name that leads nowhere does not lead to us.
    return [];
  }
}
