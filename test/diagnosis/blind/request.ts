import type { Random } from '../../../src/core/random.ts';
import { apiError, recorded } from './answers.ts';
import { chance, pick } from './chance.ts';
import type { Draft, Kind } from './draft.ts';
import { drawSetting } from './setting.ts';
import { favourite, only } from './troubles.ts';

/** Bodies that are wrong in themselves, as agents make them after a cut stream. */
const brokenBodies = [
  '400-tool-use-without-result',
  '400-thinking-signature',
  '400-prompt-too-long',
  '400-image-too-large',
  '400-prefill-not-supported',
] as const;

/** Parameters that newer models refuse. */
const refusedParameters = [
  'thinking.type: Input should be one of the supported values.',
  'temperature: this parameter is not supported by this model.',
  'tool_choice: forced tools are not supported by this model.',
] as const;

function oneCallersBodies(random: Random): Draft {
  const setting = drawSetting(random, { share: 0.12, callersMin: 3 });
  const caller = pick(random, setting.callers).name;
  const broken = recorded(pick(random, brokenBodies));
  // A session that is broken stays so; the caller may have others that are well.
  const share = chance(random, 0.6) ? 1 : 0.6;
  return {
    ...{ setting, subject: caller, right: ['your request'] },
    story: 'One caller sends bodies that the API refuses; all others are well.',
    trouble: only((ask) => ask.caller === caller, broken, share),
  };
}

function newDeployment(random: Random): Draft {
  const setting = drawSetting(random, { share: 0.25 });
  const model = favourite(setting);
  const refused = apiError(400, 'invalid_request_error', pick(random, refusedParameters));
  return {
    ...{ setting, subject: model, right: ['your request'] },
    story: 'A new deployment of all callers sends a parameter that one of the models refuses.',
    trouble: only((ask) => ask.model === model, refused),
  };
}

function wrongModelName(random: Random): Draft {
  const setting = drawSetting(random, { share: 0.3, callersMin: 2, fallback: false });
  const { name: caller } = pick(random, setting.callers);
  const wrong = pick(random, ['claude-opus-5.5', 'claude-sonnet-latest', 'claude-haiku-6']);
  const missing = apiError(404, 'not_found_error', `model: ${wrong}`);
  return {
    ...{ setting, subject: wrong },
    // That a model was never there, or is there no more, looks the same in the answer.
    right: ['your request', 'this model'],
    story: 'One caller was changed to ask for a model that has never existed.',
    trouble: only((ask) => ask.model === wrong, missing),
    habits: {
      model(from, atMs, dice) {
        const isWrong = from.name === caller && atMs >= setting.troubleAtMs;
        return isWrong ? wrong : pick(dice, from.models);
      },
    },
  };
}

export const requestKinds: readonly Kind[] = [
  { name: 'broken-bodies-of-one-caller', draft: oneCallersBodies },
  { name: 'parameter-refused-by-a-model', draft: newDeployment },
  { name: 'wrong-model-name', draft: wrongModelName },
];
