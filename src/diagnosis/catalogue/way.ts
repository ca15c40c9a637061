import { outOfDescriptors, unresolved } from '../../core/connection-codes.ts';
import { type Entry, links } from './entry.ts';

const replays = 'It is asked again at once on a fresh connection, then after growing pauses.';

/** Trouble on the way to the provider. */
export const wayEntries: readonly Entry[] = [
  {
    id: 'connection-broke',
    class: 'network',
    link: links.failures,
    title: 'The connection broke',
    cause: 'The connection to the API was reset or closed before the answer was whole.',
    tried: `${replays} A stream is continued where it broke.`,
    advice:
      'Nothing has to be mended if it is rare. If it is frequent and only here, look at proxies and firewalls on the way.',
  },
  {
    id: 'name-not-found',
    class: 'network',
    codes: [...unresolved],
    link: links.doctor,
    title: "The API's name cannot be looked up",
    cause: 'The DNS of this machine or network does not answer, or does not know the name.',
    tried: replays,
    advice: 'Check the network and its DNS; `ridethrough doctor` looks at each step.',
  },
  {
    id: 'connection-refused',
    class: 'network',
    codes: ['ECONNREFUSED'],
    link: links.doctor,
    title: 'The connection is refused',
    cause: 'Nothing listens at this address and port, or a firewall says no.',
    tried: replays,
    advice: "Check the upstream's URL and the proxy variables; `ridethrough doctor` shows both.",
  },
  {
    id: 'out-of-descriptors',
    class: 'network',
    codes: [...outOfDescriptors],
    link: links.failures,
    title: 'This machine has too many files and sockets open',
    cause: 'Each call takes two sockets, one to the caller and one to the API, and no more may be opened.',
    tried: replays,
    advice: 'Raise the limit of open files where the gateway is started: `ulimit -n`, or LimitNOFILE of its service.',
  },
  {
    id: 'unreachable',
    class: 'network',
    link: links.doctor,
    codes: ['connect_timeout', 'UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT', 'ENETUNREACH', 'EHOSTUNREACH', 'ENETDOWN'],
    title: 'No connection comes about',
    cause:
      'Packets to the API get no answer: this network is down, a firewall drops them, or a route on the way is broken.',
    tried: replays,
    advice: 'Check whether other sites can be reached from here; `ridethrough doctor` looks at each step.',
  },
  {
    id: 'untrusted-certificate',
    class: 'tls',
    link: links.doctor,
    title: 'The certificate is not trusted',
    cause: 'Somebody between here and the API shows a certificate of its own: often a proxy that inspects traffic.',
    tried: 'Nothing: it could be an attacker.',
    advice:
      "If your company inspects TLS, name its CA's file in NODE_EXTRA_CA_CERTS. If not, trust nothing on this network.",
  },
  {
    id: 'certificate-time',
    class: 'tls',
    codes: ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'],
    link: links.doctor,
    title: 'The certificate is out of its time',
    cause: "Most often this machine's clock is wrong.",
    tried: 'Nothing: it could be an attacker.',
    advice: "Check this machine's clock. If it is right, the upstream has to renew its certificate.",
  },
];
