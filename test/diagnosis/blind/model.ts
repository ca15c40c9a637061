import type { Random } from '../../../src/core/random.ts';
import type { Fault } from '../../../src/diagnosis/verdict.ts';
import { type Answering, midStream, recorded } from './answers.ts';
import { between, chance, pick } from './chance.ts';
import type { Draft, Kind } from './draft.ts';
import { redPage } from './page.ts';
import { drawSetting, type Setting } from './setting.ts';
import { at, evenly, favourite, oneOf, only, slow } from './troubles.ts';

/** Another model must be seen to be well, so the traffic has at least two. */
function settingOfModels(random: Random): Setting {
  return drawSetting(random, { share: 0.25, upstreams: [1, 1], callersMin: 2, failMs: 40_000 });
}

function oneModel(name: string, story: string, answering: Answering, shares: readonly [number, number]): Kind {
  return {
    name,
    draft(random) {
      const setting = settingOfModels(random);
      const model = favourite(setting);
      const trouble = only((ask) => ask.model === model, answering, between(random, ...shares));
      return { story, setting, trouble, subject: model, right: ['this model'] };
    },
  };
}

function onlyModelDown(random: Random): Draft {
  const drawn = drawSetting(random, { upstreams: [1, 1], models: ['claude-opus-5-5'] });
  const right: readonly Fault[] = ['this model', 'this provider'];
  return {
    // Whether another model would answer, nobody has tried.
    ...{ setting: drawn, subject: 'claude-opus-5-5', right },
    story: 'The only model that anybody asks for is overloaded.',
    trouble: at(drawn.upstreams[0], recorded('529-one-model-only')),
  };
}

function slowModel(random: Random): Draft {
  const setting = settingOfModels(random);
  const model = favourite(setting);
  return {
    ...{ setting, subject: model, right: ['this model'] },
    story: 'One model takes some ten times as long to its first byte; nothing fails.',
    trouble: slow((ask) => ask.model === model, between(random, 8, 14)),
  };
}

function family(random: Random): Draft {
  const models = ['claude-opus-5-5', 'claude-opus-4-8', 'claude-sonnet-5-5', 'claude-haiku-5-5'];
  const setting = drawSetting(random, { share: 0.3, upstreams: [1, 1], models, callersMin: 3 });
  const answering = pick(random, [recorded('529-one-model-only'), recorded('500-api-error')]);
  const lateMs = Math.min(600_000, (setting.atMs - setting.troubleAtMs) / 2);
  const told = {
    ...{ name: 'Elevated errors on Opus 5.5 and Opus 4.8', impact: 'minor' as const },
    ...{ text: 'We are investigating elevated errors on these models.', createdAtMs: setting.troubleAtMs + lateMs },
  };
  return {
    ...{ setting, subject: 'claude-opus-5-5', right: ['this model'] },
    story: 'Two models of a family fail and the other families are well.',
    trouble: only((ask) => ask.model.includes('opus'), answering, between(random, 0.6, 1)),
    habits: { model: evenly },
    ...(chance(random, 0.5) ? { page: redPage(random, setting.atMs, told) } : {}),
  };
}

export const modelKinds: readonly Kind[] = [
  oneModel('model-retired', 'A model was retired: it is not found any more.', recorded('404-model-suspended'), [1, 1]),
  oneModel('one-model-overloaded', 'One model is overloaded.', recorded('529-one-model-only'), [0.5, 1]),
  oneModel('one-model-errors', 'One model answers 500 to many.', recorded('500-api-error'), [0.4, 1]),
  { name: 'only-model-overloaded', draft: onlyModelDown },
  { name: 'one-model-slow', draft: slowModel },
  oneModel(
    'one-model-breaks-mid-stream',
    'Streams of one model break in their middle.',
    oneOf(midStream('overloaded'), midStream('truncated'), midStream('reset')),
    [0.4, 0.9],
  ),
  oneModel('one-model-stalls', 'Streams of one model fall silent.', midStream('stalled'), [0.4, 0.9]),
  { name: 'family-down', draft: family },
];
