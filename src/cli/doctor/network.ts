import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP } from 'node:net';
import type { PeerCertificate } from 'node:tls';
import { connect as connectTls } from 'node:tls';
import type { Clock } from '../../core/clock.ts';
import type { Check } from './check.ts';
import { bounded, causeOf, ok, problem, skipped } from './check.ts';

function portOf(target: URL): number {
  return Number(target.port || (target.protocol === 'https:' ? 443 : 80));
}

/** A host as the system's calls want it: without the brackets of an IPv6 address. */
function hostOf(target: URL): string {
  return target.hostname.replace(/^\[|\]$/g, '');
}

async function checkDns(target: URL, clock: Clock): Promise<Check> {
  const host = hostOf(target);
  if (isIP(host) !== 0) return skipped('dns', `${host} is an address already`);
  const startedAtMs = clock.now();
  try {
    const addresses = await bounded(clock, () => lookup(host, { all: true }));
    const list = addresses.map((entry) => entry.address).join(', ');
    return ok('dns', `${host} → ${list} (${Math.round(clock.now() - startedAtMs)} ms)`);
  } catch (error) {
    return problem('dns', `${host}: ${causeOf(error)}`, 'check the spelling, the network and /etc/resolv.conf');
  }
}

function openTcp(target: URL, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host: hostOf(target), port: portOf(target) });
    signal.addEventListener('abort', () => socket.destroy(), { once: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
  });
}

async function checkTcp(target: URL, clock: Clock): Promise<Check> {
  const where = `${target.hostname}:${portOf(target)}`;
  const startedAtMs = clock.now();
  try {
    await bounded(clock, (signal) => openTcp(target, signal));
    return ok('tcp', `${where} accepts connections (${Math.round(clock.now() - startedAtMs)} ms)`);
  } catch (error) {
    return problem(
      'tcp',
      `${where}: ${causeOf(error)}`,
      'check the address and port, a firewall, a proxy that is needed',
    );
  }
}

interface Handshake {
  readonly certificate: PeerCertificate;
  /** Why the certificate is not believed; null when it is. */
  readonly refusal: string | null;
}

/** Shakes hands even where the certificate is not believed, so as to say whose it is. Nothing is sent afterwards. */
function shakeHands(target: URL, signal: AbortSignal): Promise<Handshake> {
  return new Promise((resolve, reject) => {
    const host = hostOf(target);
    const servername = isIP(host) === 0 ? { servername: host } : {};
    const socket = connectTls({ host, port: portOf(target), rejectUnauthorized: false, ...servername });
    signal.addEventListener('abort', () => socket.destroy(), { once: true });
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      // Typed as Error, in fact the code as a string.
      const refusal = socket.authorized ? null : String(socket.authorizationError);
      resolve({ certificate: socket.getPeerCertificate(), refusal });
      socket.destroy();
    });
  });
}

function adviceOn(refusal: string): string {
  if (refusal.includes('EXPIRED') || refusal.includes('NOT_YET_VALID')) return "check this machine's clock and date";
  if (refusal.includes('ALTNAME')) return 'the certificate is for another host: check the address';
  return 'if your company inspects TLS, set NODE_EXTRA_CA_CERTS to the file of its CA certificate';
}

async function checkTls(target: URL, clock: Clock): Promise<Check> {
  if (target.protocol !== 'https:') return skipped('tls', 'plain http is in use');
  try {
    const { certificate, refusal } = await bounded(clock, (signal) => shakeHands(target, signal));
    const issuer = certificate.issuer?.O ?? certificate.issuer?.CN ?? 'unknown';
    const finding = `certificate by ${issuer}, valid until ${certificate.valid_to}`;
    return refusal === null ? ok('tls', finding) : problem('tls', `${refusal}: ${finding}`, adviceOn(refusal));
  } catch (error) {
    return problem(
      'tls',
      `hand-shake failed: ${causeOf(error)}`,
      'something between here and there cuts TLS: try another network',
    );
  }
}

/**
 * Looks at the way to `hop`, layer by layer; above the first layer that is broken nothing can be said.
 * `hop` is the proxy where one is in use, else the upstream.
 */
export async function checkNetwork(hop: URL, clock: Clock): Promise<Check[]> {
  const checks: Check[] = [];
  const layers = [
    ['dns', checkDns],
    ['tcp', checkTcp],
    ['tls', checkTls],
  ] as const;
  for (const [name, check] of layers) {
    const broken = checks.find((earlier) => earlier.state === 'problem');
    checks.push(broken === undefined ? await check(hop, clock) : skipped(name, `${broken.name} comes first`));
  }
  return checks;
}
