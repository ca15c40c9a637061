import type { Random } from '../../../src/core/random.ts';
import type { Fault } from '../../../src/diagnosis/verdict.ts';
import type { StatusState } from '../../../src/status/state.ts';
import { type Answering, midStream, recorded, unreached } from './answers.ts';
import { between, chance, pick, whole } from './chance.ts';
import type { Draft, Kind } from './draft.ts';
import { maintenancePage, redPage } from './page.ts';
import { drawSetting, type Setting } from './setting.ts';
import { at, noTrouble } from './troubles.ts';

/** An hour in which calls are well, with whatever page. */
function healthy(name: string, story: string, pageOf?: (random: Random, setting: Setting) => StatusState): Kind {
  return {
    name,
    draft(random) {
      const setting = drawSetting(random);
      const page = pageOf === undefined ? {} : { page: pageOf(random, setting) };
      return { story, setting, trouble: noTrouble, right: ['nothing is wrong'], ...page };
    },
  };
}

function falseRed(random: Random, { atMs, troubleAtMs }: Setting): StatusState {
  const name = pick(random, ['Elevated errors across all models', 'API degraded']);
  const text = 'We are investigating.';
  return redPage(random, atMs, { name, text, impact: pick(random, ['minor', 'major']), createdAtMs: troubleAtMs });
}

function otherProduct(random: Random, { atMs, troubleAtMs }: Setting): StatusState {
  const name = 'Login to claude.ai is unavailable';
  const told = { name, text: 'The API is not affected.', impact: 'major' as const, createdAtMs: troubleAtMs };
  return redPage(random, atMs, { ...told, touches: ['claude.ai'] });
}

function straysOnly(random: Random): Draft {
  const drawn = drawSetting(random);
  const story = 'Now and then an attempt fails, as on any day, and a retry brings it home.';
  return { story, setting: { ...drawn, noise: 0.01 }, trouble: noTrouble, right: ['nothing is wrong'] };
}

function recovered(random: Random): Draft {
  const drawn = drawSetting(random, { upstreams: [1, 1], agoMs: [900_000, 7_200_000] });
  const endedAtMs = drawn.atMs - between(random, 300_000, 420_000);
  // Afterwards enough calls must have come to show it.
  const setting = { ...drawn, callsPerSecond: Math.max(0.2, drawn.callsPerSecond) };
  return {
    ...{ setting, right: ['nothing is wrong'], habits: { endedAtMs } },
    story: 'An outage ended more than five minutes ago; all has been well since.',
    trouble: at(setting.upstreams[0], pick(random, [recorded('529-for-hours'), recorded('500-api-error')])),
    ...(chance(random, 0.4) ? { page: stillWatched(random, setting) } : {}),
  };
}

/** An incident stands on the page for a while after its end. */
function stillWatched(random: Random, { atMs, troubleAtMs }: Setting): StatusState {
  const text = 'A fix has been implemented and we are monitoring the results.';
  const told = { text, impact: 'minor', createdAtMs: troubleAtMs, status: 'monitoring' } as const;
  return redPage(random, atMs, { ...told, name: 'Elevated errors across all models' });
}

function leavingClients(random: Random): Draft {
  const setting = drawSetting(random);
  const share = between(random, 0.3, 0.7);
  return {
    ...{ setting, trouble: noTrouble, right: ['nothing is wrong'] },
    story: 'Callers leave before their answers end, as people do who stop what they have read enough of.',
    habits: { leaving: (atMs) => (atMs >= setting.troubleAtMs ? share : 0.003) },
  };
}

/** One call, without traffic around it. */
function singleFailure(random: Random): Draft {
  const choices: readonly (readonly [Answering, readonly Fault[]])[] = [
    // A 500 is the provider's by its meaning; whether it is one answer or an outage, one answer cannot tell.
    [recorded('500-api-error'), ['unclear', 'this provider']],
    [recorded('529-one-model-only'), ['unclear', 'this provider', 'this model']],
    [unreached('ECONNRESET', 'read ECONNRESET', [130, 250]), ['unclear']],
    [midStream('truncated'), ['unclear']],
  ];
  const [answering, right] = pick(random, choices);
  const setting = sparse(random);
  return {
    ...{ setting, right, page: null, canary: null },
    story: 'The only call there was has failed, of a caller without retries, and nothing else is known.',
    trouble: (ask, dice) => answering(dice, ask.atMs),
    habits: { arrivals: [setting.atMs - between(random, 30_000, 300_000)], retries: 0, leaving: () => 0 },
  };
}

/** Traffic of so few calls that it proves nothing. */
function tooLittle(random: Random): Draft {
  const fails = chance(random, 0.5);
  const setting = sparse(random);
  const { beganAtMs, atMs } = setting;
  const arrivals = Array.from({ length: whole(random, 2, 3) }, () => between(random, beganAtMs, atMs - 60_000)).sort();
  const right: readonly Fault[] = ['unclear', 'nothing is wrong'];
  return {
    ...{ setting, right, page: null, canary: null },
    story: 'Two or three calls in a quarter of an hour, of which at most one failed at first.',
    trouble: (ask, dice) => (fails && ask.atMs === arrivals[0] ? recorded('500-api-error')(dice, ask.atMs) : null),
    habits: { arrivals, leaving: () => 0 },
  };
}

/** A quarter of an hour without chance: calls come when they are told to. */
function sparse(random: Random): Setting {
  const drawn = drawSetting(random, { upstreams: [1, 1], models: ['claude-sonnet-5-5'] });
  const beganAtMs = drawn.atMs - 900_000;
  return { ...drawn, beganAtMs, troubleAtMs: beganAtMs, noise: 0 };
}

export const quietKinds: readonly Kind[] = [
  healthy('red-page-healthy-api', 'The page tells of trouble with the API, and our calls are well.', falseRed),
  healthy('page-about-another-product', 'claude.ai is down, and the API is well.', otherProduct),
  healthy('maintenance-announced', 'A maintenance is announced for later, and all is well now.', (random, { atMs }) =>
    maintenancePage(random, atMs, between(random, 3_600_000, 5 * 86_400_000)),
  ),
  healthy('healthy', 'All is well.'),
  { name: 'stray-errors', draft: straysOnly },
  { name: 'recovered', draft: recovered },
  { name: 'clients-leave', draft: leavingClients },
  { name: 'single-failure', draft: singleFailure },
  { name: 'too-little-traffic', draft: tooLittle },
];
