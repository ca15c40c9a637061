import type { MessageCreateParamsNonStreaming } from '@anthropic-ai/sdk/resources/messages';
import type { Random } from '../../core/random.ts';

/** The two models of the demo; each is the other's fallback. */
export const models = ['claude-opus-5-5', 'claude-sonnet-5-5'] as const;

/** One call of the demo. Both lanes make the same ones, in the same order. */
export interface PlannedCall {
  readonly request: MessageCreateParamsNonStreaming;
  readonly stream: boolean;
  /** False: it asks to be served by its own model or not at all. */
  readonly fallback: boolean;
}

const topics = [
  'tides',
  'bridges',
  'yeast',
  'lighthouses',
  'maps',
  'clocks',
  'glaciers',
  'looms',
  'orchards',
  'comets',
];

const kinds: ReadonlyArray<Partial<MessageCreateParamsNonStreaming>> = [
  {},
  { thinking: { type: 'adaptive' } },
  {
    tools: [
      {
        name: 'look_up',
        description: 'Looks a topic up in an encyclopedia.',
        input_schema: {
          type: 'object',
          properties: { topic: { type: 'string' }, pages: { type: 'integer' }, exact: { type: 'boolean' } },
          required: ['topic', 'pages'],
        },
      },
    ],
  },
];

/** Draws a member of a list that has at least one. */
function pick<T>(list: readonly T[], random: Random): T {
  return list[Math.floor(random.next() * list.length)] as T;
}

/** Plans `count` calls: models, streaming, thinking, tools and fallback are drawn independently of each other. */
export function planCalls(count: number, random: Random): PlannedCall[] {
  return Array.from({ length: count }, (_, index) => ({
    request: {
      model: pick(models, random),
      max_tokens: 1024,
      messages: [{ role: 'user', content: `Tell me about ${pick(topics, random)}, please (question ${index + 1}).` }],
      ...pick(kinds, random),
    },
    stream: random.next() < 0.5,
    fallback: random.next() < 0.5,
  }));
}
