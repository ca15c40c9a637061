import type { Random } from '../../../src/core/random.ts';
import { type Answering, apiError, recorded } from './answers.ts';
import { chance, pick, scaled } from './chance.ts';
import { type Draft, foundStatus, foundWell, type Kind } from './draft.ts';
import { drawSetting } from './setting.ts';
import { favourite, only } from './troubles.ts';

const refusedKey = apiError(401, 'authentication_error', 'invalid x-api-key');

/** A key that never worked, beside others that do where there are others. */
function badKey(random: Random): Draft {
  const drawn = drawSetting(random, { share: 0.3, upstreams: [1, 1] });
  // It has been in the configuration since the gateway was started.
  const setting = { ...drawn, troubleAtMs: drawn.beganAtMs };
  const key = pick(random, setting.credentials);
  const found = setting.credentials[0] === key ? foundStatus(401) : foundWell;
  return {
    ...{ setting, subject: key, right: ['your account'], canary: () => found },
    story: 'A key with a typing error was put into the configuration; the API answers 401 to all that show it.',
    trouble: only((ask) => ask.credential === key, refusedKey),
  };
}

function revokedKey(random: Random): Draft {
  const setting = drawSetting(random, { share: 0.3 });
  const key = pick(random, setting.credentials);
  const found = setting.credentials[0] === key ? foundStatus(401) : foundWell;
  return {
    ...{ setting, subject: key, right: ['your account'] },
    canary: (upstream) => (upstream === setting.upstreams[0] ? found : foundWell),
    story: 'A key that had worked was revoked in the Console while traffic was running.',
    trouble: only((ask) => ask.credential === key, refusedKey),
  };
}

function noPermission(random: Random): Draft {
  const setting = drawSetting(random, { share: 0.25, fallback: false });
  const model = favourite(setting);
  const refused = apiError(
    403,
    'permission_error',
    'Your API key does not have permission to use the specified resource.',
  );
  return {
    ...{ setting, subject: model, right: ['your account'] },
    story: 'The workspace of the keys lost its permission for one model.',
    trouble: only((ask) => ask.model === model, refused),
  };
}

/** Money, in the forms in which the API says that there is none left. */
function moneyKind(name: string, story: string, answering: Answering): Kind {
  return {
    name,
    draft(random) {
      const setting = drawSetting(random, { fallback: chance(random, 0.3) });
      const first = setting.upstreams[0];
      const trouble = only((ask) => ask.upstream === first, answering);
      return { setting, story, trouble, right: ['your account'] };
    },
  };
}

function rateLimit(random: Random): Draft {
  const setting = drawSetting(random, { share: 0.2, fallback: false });
  const key = pick(random, setting.credentials);
  const limited = pick(random, [
    recorded('429-account-no-retry-after'),
    recorded('429-ramp-limit'),
    recorded('429-retry-after-one-hour'),
  ]);
  // A bucket lets some through: not every call of the key is refused.
  const share = scaled(random, 0.5, 0.95);
  return {
    ...{ setting, subject: key, right: ['your account'] },
    story: 'One key asks for more than its rate limit allows; the others, where there are any, do not.',
    trouble: (ask, dice) => (ask.credential === key && chance(dice, share) ? limited(dice, ask.atMs) : null),
  };
}

function oneAccountErrors(random: Random): Draft {
  const setting = drawSetting(random, { share: 0.3, credentialsMin: 2, fallback: false });
  const key = pick(random, setting.credentials);
  return {
    ...{ setting, subject: key },
    // Others are served by the same provider; but what is wrong with the account is the provider's to find.
    right: ['your account', 'this provider'],
    story: 'The provider answers 500 to one account for hours, and serves all others.',
    trouble: only((ask) => ask.credential === key, recorded('500-one-account-for-hours')),
  };
}

export const accountKinds: readonly Kind[] = [
  { name: 'bad-key', draft: badKey },
  { name: 'revoked-key', draft: revokedKey },
  { name: 'no-permission', draft: noPermission },
  moneyKind(
    'spend-limit-tier',
    'The organisation crossed the monthly threshold of its tier.',
    recorded('429-enforced-spend-limit'),
  ),
  moneyKind(
    'spend-limit-contract',
    'The organisation used up what its contract allows.',
    recorded('429-contract-spend-limit'),
  ),
  moneyKind(
    'spend-limit-own',
    'The workspace reached the limit that somebody had set for it.',
    apiError(400, 'invalid_request_error', 'You have reached your specified workspace API usage limits.'),
  ),
  moneyKind('billing', 'The linked organisation no longer pays.', recorded('402-billing-error')),
  moneyKind('credit-too-low', 'The prepaid credit is used up.', recorded('400-credit-balance')),
  { name: 'rate-limit-of-a-key', draft: rateLimit },
  { name: 'errors-of-one-account', draft: oneAccountErrors },
];
