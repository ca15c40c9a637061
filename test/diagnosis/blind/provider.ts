import type { Random } from '../../../src/core/random.ts';
import { type Answering, apiError, recorded, unreached } from './answers.ts';
import { between, chance, pick } from './chance.ts';
import { type Draft, type Found, foundNothing, foundStatus, foundWell, type Kind } from './draft.ts';
import { redPage } from './page.ts';
import { drawSetting, type Needs, type Setting } from './setting.ts';
import { at, evenly, oneOf } from './troubles.ts';

/** How a whole provider fails. */
interface Outage {
  readonly story: string;
  readonly answering: Answering;
  /** What a look finds: the list of models may be served from elsewhere. */
  readonly found: readonly Found[];
  readonly needs?: Needs;
  readonly page?: 'red';
  /** Share of attempts; default 0.6 to 1. */
  readonly shares?: readonly [number, number];
}

function outage(name: string, { story, answering, found, needs, page, shares = [0.6, 1] }: Outage): Kind {
  return {
    name,
    draft(random) {
      const setting = drawSetting(random, { upstreams: [1, 2], ...needs });
      const first = setting.upstreams[0];
      const look = pick(random, found);
      return {
        ...{ story, setting, subject: first as string, right: ['this provider'] },
        trouble: at(first, answering, between(random, ...shares)),
        habits: { model: evenly },
        canary: (upstream) => (upstream === first ? look : foundWell),
        ...(page === 'red' ? { page: toldOutage(random, setting) } : {}),
      };
    },
  };
}

/** The page comes to tell of it some time after it began. */
function toldOutage(random: Random, { atMs, troubleAtMs }: Setting) {
  const createdAtMs = troubleAtMs + Math.min(900_000, (atMs - troubleAtMs) * between(random, 0.2, 0.8));
  const impact = pick(random, ['major', 'critical'] as const);
  const text = 'We are investigating elevated error rates across all models.';
  return redPage(random, atMs, { name: 'Elevated errors across all models', text, impact, createdAtMs });
}

function authOutage(random: Random): Draft {
  const setting = drawSetting(random, { upstreams: [1, 1], credentialsMin: 3 });
  const createdAtMs = setting.troubleAtMs + (setting.atMs - setting.troubleAtMs) / 3;
  const text = 'Requests with valid keys may fail with authentication errors.';
  const told = { name: 'Elevated authentication errors on the API', text, impact: 'major' as const, createdAtMs };
  return {
    ...{ setting, subject: setting.upstreams[0] as string, right: ['this provider'] },
    story: 'The provider refuses all keys, good ones too, and its page says so.',
    trouble: at(setting.upstreams[0], recorded('401-during-auth-outage')),
    ...{ page: redPage(random, setting.atMs, told), canary: () => foundStatus(401) },
  };
}

function fallbackDown(random: Random): Draft {
  const setting = drawSetting(random, { share: 0.25, upstreams: [2, 3], fallback: true });
  const [first = '', second = ''] = setting.upstreams;
  const share = between(random, 0.3, 0.5);
  const answering = pick(random, [recorded('500-api-error'), recorded('503-envoy-overflow')]);
  return {
    ...{ setting, subject: second, right: ['this provider'] },
    story: 'The upstream that some calls are sent to, and others fall back to, fails; the first is well.',
    trouble: at(second, answering),
    canary: (upstream) => (upstream === second ? foundStatus(503) : foundWell),
    habits: { upstream: (_, dice) => (chance(dice, share) ? second : first) },
  };
}

const overload = recorded('529-for-hours');
const errors = oneOf(recorded('500-api-error'), recorded('500-api-error'), apiError(503, 'api_error', 'Unavailable'));
const edge = oneOf(recorded('502-cloudflare-html'), recorded('520-cloudflare-html'), recorded('502-cloudflare-text'));
const silence = unreached('first_byte_timeout', 'no first byte within 30 s', [30_000, 31_000]);

export const providerKinds: readonly Kind[] = [
  outage('outage-with-a-green-page', {
    story: 'The provider fails for everybody and its page does not know yet.',
    ...{ answering: oneOf(errors, overload), found: [foundStatus(500), foundStatus(529), foundWell] },
  }),
  outage('outage-with-a-red-page', {
    story: 'The provider fails for everybody and its page says so.',
    ...{ answering: oneOf(errors, overload), found: [foundStatus(500), foundStatus(529), foundWell], page: 'red' },
    needs: { agoMs: [120_000, 7_200_000] },
  }),
  outage('provider-500', {
    story: 'Every model answers with an internal error.',
    ...{ answering: recorded('500-api-error'), found: [foundStatus(500), foundWell] },
  }),
  outage('provider-529', {
    story: 'Every model is overloaded.',
    ...{ answering: overload, found: [foundStatus(529), foundWell] },
  }),
  outage('provider-hangs', {
    story: 'The provider takes requests and never answers.',
    ...{ answering: silence, found: [foundNothing('no answer within 5 s'), foundWell] },
    ...{ needs: { failMs: 31_000 }, shares: [0.9, 1] },
  }),
  outage('edge-fails', {
    story: 'The edge in front of the provider answers with pages of its own.',
    ...{ answering: edge, found: [foundStatus(502), foundStatus(520)] },
  }),
  outage('envoy-fails', {
    story: 'The provider’s inner proxies find no healthy server.',
    ...{
      answering: oneOf(recorded('503-envoy-overflow'), recorded('503-envoy-termination')),
      found: [foundStatus(503)],
    },
  }),
  { name: 'authentication-outage', draft: authOutage },
  { name: 'fallback-upstream-down', draft: fallbackDown },
];
