import type { Random } from '../../../src/core/random.ts';
import type { Fault } from '../../../src/diagnosis/verdict.ts';
import { type Answering, recorded, response, unreached } from './answers.ts';
import { pick } from './chance.ts';
import { type Draft, type Found, foundNothing, foundStatus, foundWell, type Kind } from './draft.ts';
import { lostPage } from './page.ts';
import { drawSetting, type Needs } from './setting.ts';
import { at } from './troubles.ts';

/** A trouble that every upstream, the status page and each look at an upstream meet alike. */
interface Everywhere {
  readonly story: string;
  readonly answering: Answering;
  readonly found: Found;
  /** Why the page cannot be read. */
  readonly pageWhy: string;
  readonly right?: readonly Fault[];
  readonly needs?: Needs;
}

function everywhere(name: string, choices: readonly Everywhere[]): Kind {
  return {
    name,
    draft(random) {
      const { story, answering, found, pageWhy, right = ['your network'], needs } = pick(random, choices);
      const setting = drawSetting(random, { upstreams: [1, 3], ...needs });
      return {
        ...{ story, setting, right, canary: () => found },
        trouble: (ask, dice) => answering(dice, ask.atMs),
        page: lostPage(random, setting.troubleAtMs, pageWhy),
      };
    },
  };
}

const dns = (code: string): Everywhere => ({
  story: 'The local resolver knows no name any more.',
  answering: unreached(code, `getaddrinfo ${code} api.anthropic.com`, [5, 5_000]),
  ...{ found: foundNothing(code), pageWhy: code },
});

const unconnected = (code: string, ms: readonly [number, number], found: Found): Everywhere => ({
  story: 'A firewall rule or a cut line keeps every connection from leaving the local network.',
  answering: unreached(code, `connect ${code}`, ms),
  ...{ found, pageWhy: found.problem ?? code, needs: { upstreams: [2, 3], failMs: 10_000 } },
});

const certificate = (code: string, message: string): Everywhere => ({
  story: 'A proxy of the company opens TLS with a certificate of its own that this machine does not trust.',
  answering: unreached(code, message, [30, 250]),
  ...{ found: foundNothing(code), pageWhy: code },
});

/** A clock that is wrong is no fault of a network; it belongs to the machine that the gateway runs on. */
const skewed = (code: string): Everywhere => ({
  ...certificate(code, 'the certificate is out of its time'),
  story: 'The clock of this machine is months off, so that every certificate seems out of its time.',
  right: ['your network', 'this gateway'],
});

const portal: Everywhere = {
  story: 'A captive portal answers every request with its login page.',
  answering: recorded('200-html-page'),
  // The free look goes by the status alone.
  ...{ found: foundWell, pageWhy: 'it sent text/html; charset=utf-8, not JSON' },
};

const proxied = (status: number, title: string): Everywhere => ({
  story: `The company's proxy answers every request with ${status} and a page of its own.`,
  answering: response(status, ['content-type', 'text/html'], `<html><head><title>${title}</title></head></html>`),
  ...{ found: foundStatus(status), pageWhy: `it answered ${status}` },
});

function peering(random: Random): Draft {
  const setting = drawSetting(random, { upstreams: [2, 3], failMs: 10_000, fallback: true });
  const cut = setting.upstreams[0] as string;
  return {
    ...{ setting, subject: cut },
    story: 'Packets to one upstream are lost on their way, outside of our network and of the upstream.',
    // From one end of a path nobody can tell at which part of it packets are lost.
    right: ['your network', 'this provider', 'unclear'],
    trouble: at(cut, unreached('UND_ERR_CONNECT_TIMEOUT', 'Connect Timeout Error', [10_000, 10_050])),
    canary: (upstream) => (upstream === cut ? foundNothing('no answer within 5 s') : foundWell),
  };
}

export const networkKinds: readonly Kind[] = [
  everywhere('dns-failure', [dns('ENOTFOUND'), dns('EAI_AGAIN')]),
  everywhere('nothing-connects', [
    unconnected('ECONNREFUSED', [1, 60], foundNothing('ECONNREFUSED')),
    unconnected('UND_ERR_CONNECT_TIMEOUT', [10_000, 10_050], foundNothing('no answer within 5 s')),
    unconnected('ENETUNREACH', [1, 20], foundNothing('ENETUNREACH')),
  ]),
  { name: 'peering', draft: peering },
  everywhere('tls-interception', [
    certificate('SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate in certificate chain'),
    certificate('UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'unable to get local issuer certificate'),
  ]),
  everywhere('captive-portal', [portal]),
  everywhere('proxy-refuses', [
    proxied(407, 'Proxy Authentication Required'),
    proxied(403, 'Access denied by web filter'),
  ]),
  everywhere('clock-skew', [skewed('CERT_NOT_YET_VALID'), skewed('CERT_HAS_EXPIRED')]),
];
