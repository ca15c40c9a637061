import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Answers, ContentBlock, Simulator } from '../../src/faults/index.ts';
import { startSimulator } from '../../src/faults/index.ts';
import { openGateway } from '../conformance/stage.ts';

const thought = (thinking: string): ContentBlock => ({ type: 'thinking', thinking, signature: '' });
const text = (value: string): ContentBlock => ({ type: 'text', text: value });
let calls = 0;

/** A call whose result names the turn that follows. */
type Call = (city: string, turn: number) => ContentBlock;

export const mark = (turn: number) => `[turn ${turn}]`;
export const opening = `Say what the weather is like in Oslo, Rome and Kyiv ${mark(1)}.`;
export const finalText = 'In Oslo it rains, in Rome it rains, and in Kyiv — “naturally” — it rains, too. 🌧';

/** A conversation of five turns: thinking, parallel tools, text between tools, and an answer at its end. */
export function answersBy(call: Call): Answers {
  const tools = { stop_reason: 'tool_use' as const };
  return {
    [mark(1)]: {
      content: [thought('Three places; two of them at once.'), text('I look.'), call('Oslo', 2), call('Rome', 2)],
      ...tools,
    },
    [mark(2)]: { content: [thought('Kyiv is left.'), call('Kyiv', 3)], ...tools },
    [mark(3)]: {
      content: [text('To be sure, once more Oslo.'), call('Oslo', 4), text('And Rome.'), call('Rome', 4)],
      ...tools,
    },
    [mark(4)]: { content: [thought('It all fits.'), text('A last look.'), call('Kyiv', 5)], ...tools },
    [mark(5)]: { content: [thought('Now say so.'), text(finalText)] },
  };
}

/** The tool of SDKs that bring none of their own. */
export const weather = {
  name: 'weather',
  description: 'Says what the weather is like.',
  schema: {
    type: 'object' as const,
    properties: { city: { type: 'string' as const }, turn: { type: 'number' as const } },
    required: ['city', 'turn'],
  },
  run: ({ city, turn }: { city: string; turn: number }) => `It rains in ${city} ${mark(turn)}.`,
};

export const weatherCall: Call = (city, turn) => ({
  type: 'tool_use',
  id: `toolu_01${++calls}`,
  name: weather.name,
  input: { city, turn },
});

/** Half of what an attempt meets, before an answer and in its middle. */
const storm = [
  ...['cut-reset', 'cut-clean', 'cut-error', 'error-mid-text', 'error-mid-thinking', 'error-mid-tool'],
  ...['overloaded', 'reset-before-head', 'error-first-event'],
];

/** A gateway in a storm, and the simulator behind it. */
export async function openStorm(context: TestContext, seed: number, answers: Answers) {
  context.diagnostic(`seed ${seed}`);
  const simulator = await startSimulator({
    record: true,
    scenario: { seed, rate: 0.5, kinds: storm, answers, continuation: 'mixed', waitScale: 0.001 },
  });
  context.after(() => simulator.close());
  // A conversation of a few calls has earned no budget: what is tested here is healing, not thrift.
  const options = {
    retry: { base: 0.001, cap: 0.01, max: 20 },
    budget: { floor: 1000 },
    breaker: { failures: 1000 },
    recovery: { resumes: 100 },
  };
  const { gateway, close } = await openGateway(simulator.url, options);
  context.after(() => close());
  return { simulator, url: gateway.url };
}

/** Every conversation that reached the API was one that it takes, and there was a storm. */
export function assertValid(simulator: Simulator): void {
  const refused = simulator.attempts.filter(({ fault, status }) => fault === null && status !== 200);
  const shown = refused.map(({ path, status, body }) => `${path} ${status} ${Buffer.from(body ?? '')}`);
  assert.deepEqual(shown, []);
  assert.ok(
    simulator.attempts.some(({ fault }) => fault !== null),
    'nothing was struck',
  );
}
