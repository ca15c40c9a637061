import type { Random } from '../../../src/core/random.ts';
import { between, chance } from './chance.ts';
import type { Draft, Kind } from './draft.ts';
import { drawSetting } from './setting.ts';
import { noTrouble } from './troubles.ts';

function overloaded(random: Random): Draft {
  const setting = drawSetting(random, { share: 0.6 });
  const share = between(random, 0.6, 0.95);
  return {
    ...{ setting, trouble: noTrouble, right: ['this gateway'] },
    story: 'More calls come than the gateway has room for: most are turned away, and what goes out is answered.',
    habits: {
      refusing: (atMs, dice) => (atMs >= setting.troubleAtMs && chance(dice, share) ? 'shed' : null),
    },
  };
}

/** How long a gateway drains at most. */
const drainMs = 30_000;

function draining(random: Random): Draft {
  // A drain is short, so what tells of it are the calls that came in the meantime.
  const drawn = drawSetting(random, { agoMs: [10_000, drainMs] });
  const setting = { ...drawn, callsPerSecond: Math.max(drawn.callsPerSecond, 1) };
  return {
    ...{ setting, trouble: noTrouble, right: ['this gateway'] },
    story: 'The gateway is being shut down: it turns new calls away, and in the end cuts those under way.',
    habits: {
      refusing: (atMs) => (atMs >= setting.troubleAtMs ? 'drain' : null),
      cutAtMs: setting.atMs - 1_000,
    },
  };
}

export const gatewayKinds: readonly Kind[] = [
  { name: 'gateway-overloaded', draft: overloaded },
  { name: 'gateway-draining', draft: draining },
];
