import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createAnthropic } from '@ai-sdk/anthropic';
import { generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai';
import { expectedAnswer } from '../../src/faults/index.ts';
import { answeredBodies, openWay, scripts } from './ways.ts';

const weather = tool({
  description: 'Says what the weather is like.',
  inputSchema: jsonSchema<{ city: string }>({
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
  }),
  execute: async ({ city }) => `It rains in ${city}.`,
});
const asked = { prompt: 'Tell me about tides.', maxOutputTokens: 200, maxRetries: 0 };
const withTools = { ...asked, tools: { weather }, stopWhen: stepCountIs(2) };
type Model = Parameters<typeof generateText>[0]['model'];

/** What a run came to: the text of its last step, and how it ended. */
interface Told {
  readonly text: string;
  readonly finishReason: string;
}

async function streamed(result: {
  fullStream: AsyncIterable<{ type: string }>;
  text: PromiseLike<string>;
  finishReason: PromiseLike<string>;
}): Promise<Told> {
  for await (const part of result.fullStream) assert.notEqual(part.type, 'error', JSON.stringify(part));
  return { text: await result.text, finishReason: await result.finishReason };
}

const jobs: Readonly<Record<string, { stream: boolean; calls: number; run(model: Model): Promise<Told> }>> = {
  generateText: { stream: false, calls: 1, run: (model) => generateText({ ...asked, model }) },
  'generateText with tools': { stream: false, calls: 2, run: (model) => generateText({ ...withTools, model }) },
  streamText: { stream: true, calls: 1, run: (model) => streamed(streamText({ ...asked, model })) },
  'streamText with tools': { stream: true, calls: 2, run: (model) => streamed(streamText({ ...withTools, model })) },
};

for (const way of ['gateway', 'fetch'] as const) {
  suite(`@ai-sdk/anthropic by ${way}`, { concurrency: 8 }, () => {
    for (const [name, job] of Object.entries(jobs)) {
      for (const { faults, streamOnly } of scripts) {
        if (streamOnly && !job.stream) continue;
        test(`${name}: ${faults.join(', ') || 'healthy'}`, async (context) => {
          const { simulator, reach } = await openWay(context, way);
          for (const fault of faults) simulator.next(fault);
          const { baseURL, fetch } = reach;
          const provider = createAnthropic({
            apiKey: 'sk-ant-test',
            baseURL: `${baseURL}/v1`,
            ...(fetch && { fetch }),
          });
          const told = await job.run(provider('claude-opus-5-5'));
          const bodies = answeredBodies(simulator);
          const [block] = expectedAnswer(bodies.at(-1) ?? '').content;
          assert.ok(block?.type === 'text');
          assert.deepEqual([told.text, told.finishReason], [block.text, 'stop']);
          assert.equal(bodies.length, job.calls);
          assert.equal(simulator.count(), job.calls + faults.length);
        });
      }
    }
  });
}
