import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Random } from '../../src/core/random.ts';
import { expectedAnswer, type Manner, soundManners } from '../../src/faults/index.ts';
import { everywhere, oneOf, randomFor, replay } from './extent.ts';
import { answers, type Fixture, fixtures } from './fixtures.ts';
import { type Cut, type Play, play } from './stage.ts';
import { assertClosedAfterTool, assertWhole, messageIn } from './verdict.ts';

const runs = everywhere ? 10_000 : 300;
const hows: readonly Cut['how'][] = ['reset', 'clean', 'stall', 'overloaded_error', 'api_error'];
/** Who takes a prefill falls back to who takes one, too. */
const fallbackOf = (model: unknown) => (model === 'claude-haiku-4-5' ? 'claude-sonnet-4-5' : 'claude-opus-5-5');

/** Retryable failures in a row after which a call moves to its next model. */
const failuresToFallback = 3;

/** Cuts the first `cuts` streams, each anywhere. */
const cutting =
  (cuts: number, random: Random): Play['cutOf'] =>
  (attempt, bytes) => {
    const cut = { how: oneOf(hows, random), atByte: Math.floor(random.next() * bytes) };
    return attempt < cuts ? cut : null;
  };

/** The call comes home whole, as an answer of the model that began it. */
async function comesHome(fixture: Fixture, manner: Manner, more: Pick<Play, 'cutOf' | 'refuses'>, random: Random) {
  const { request } = fixture;
  const seen = await play({
    request,
    script: { answers, continuation: manner },
    fallback: new Map([[String(request.model), [fallbackOf(request.model)]]]),
    ...(random.next() < 0.5 ? { chunks: random } : {}),
    ...more,
  });
  const message = messageIn(seen);
  const whole = expectedAnswer({ ...request, model: String(message.model) }, { answers });
  const called = message.content.some((block) => block.type === 'tool_use');
  if (called && message.content.length < whole.content.length) assertClosedAfterTool(message, whole);
  else if (called && whole.content.at(-1)?.type === 'text') assertClosedAfterTool(message, whole);
  else assertWhole(message, whole);
  return seen;
}

async function eachRun(purpose: string, run: (fixture: Fixture, manner: Manner, random: Random) => Promise<void>) {
  for (let index = 0; index < runs; index++) {
    const random = randomFor(`${purpose} ${index}`);
    const fixture = oneOf(fixtures, random);
    const manner = oneOf(soundManners, random);
    try {
      await run(fixture, manner, random);
    } catch (error) {
      throw new Error(`run ${index} of ${purpose}: [${fixture.name}], ${manner} (${replay})`, { cause: error });
    }
  }
}

test(`cut two and three times at any byte, ${runs} times: every call comes home whole`, async () => {
  let resumed = 0;
  await eachRun('cut again', async (fixture, manner, random) => {
    const cuts = 2 + Math.floor(random.next() * 2);
    const { attempts } = await comesHome(fixture, manner, { cutOf: cutting(cuts, random) }, random);
    if (attempts.some(({ reason }) => reason === 'resume')) resumed++;
    assert.ok(attempts.length <= 1 + cuts, `${attempts.length} attempts`);
  });
  assert.ok(resumed > runs / 2, `${resumed} calls were resumed`);
});

test(`cut, then overloaded until another model goes on, and cut again, ${runs} times: every call comes home whole`, async () => {
  let moved = 0;
  await eachRun('cut and fall back', async (fixture, manner, random) => {
    const cuts = 1 + Math.floor(random.next() * 2);
    const refuses: Play['refuses'] = (attempt, model) => (attempt > 0 && model === fixture.request.model ? 529 : null);
    const cutOf: Play['cutOf'] = (attempt, bytes) =>
      cutting(attempt === 0 ? 1 : failuresToFallback + cuts, random)(attempt, bytes);
    const { attempts } = await comesHome(fixture, manner, { cutOf, refuses }, random);
    if (attempts.some(({ route }) => route.endsWith(fallbackOf(fixture.request.model)))) moved++;
    assert.ok(attempts.length <= 1 + failuresToFallback + cuts + 1, `${attempts.length} attempts`);
  });
  assert.ok(moved > runs / 2, `${moved} calls were moved`);
});
