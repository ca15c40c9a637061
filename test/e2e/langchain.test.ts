import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ChatAnthropic } from '@langchain/anthropic';
import type { AIMessageChunk } from '@langchain/core/messages';
import { expectedAnswer } from '../../src/faults/index.ts';
import { answeredBodies, openWay, type Reach, scripts } from './ways.ts';

const weather = {
  name: 'weather',
  description: 'Says what the weather is like.',
  input_schema: { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] },
};

function modelOf({ baseURL, fetch }: Reach) {
  const model = new ChatAnthropic({
    model: 'claude-opus-5-5',
    apiKey: 'sk-ant-test',
    anthropicApiUrl: baseURL,
    maxTokens: 200,
    maxRetries: 0,
    clientOptions: { maxRetries: 0, logLevel: 'off', ...(fetch && { fetch }) },
  });
  return model;
}

type Model = ReturnType<typeof modelOf>;
const prompt = 'Tell me about tides.';

async function joined(stream: AsyncIterable<AIMessageChunk>): Promise<AIMessageChunk> {
  let whole: AIMessageChunk | null = null;
  for await (const chunk of stream) whole = whole === null ? chunk : whole.concat(chunk);
  assert.ok(whole !== null);
  return whole;
}

const jobs: Readonly<Record<string, { stream: boolean; run(model: Model): Promise<AIMessageChunk> }>> = {
  invoke: { stream: false, run: (model) => model.invoke(prompt) },
  'invoke with tools': { stream: false, run: (model) => model.bindTools([weather]).invoke(prompt) },
  stream: { stream: true, run: async (model) => joined(await model.stream(prompt)) },
  'stream with tools': { stream: true, run: async (model) => joined(await model.bindTools([weather]).stream(prompt)) },
};

for (const way of ['gateway', 'fetch'] as const) {
  suite(`@langchain/anthropic by ${way}`, { concurrency: 8 }, () => {
    for (const [name, job] of Object.entries(jobs)) {
      for (const { faults, streamOnly } of scripts) {
        if (streamOnly && !job.stream) continue;
        test(`${name}: ${faults.join(', ') || 'healthy'}`, async (context) => {
          const { simulator, reach } = await openWay(context, way);
          for (const fault of faults) simulator.next(fault);
          const message = await job.run(modelOf(reach));
          const { content } = expectedAnswer(answeredBodies(simulator)[0] ?? '');
          const texts = content.flatMap((block) => (block.type === 'text' ? [block.text] : []));
          const calls = content.flatMap((block) => (block.type === 'tool_use' ? [[block.name, block.input]] : []));
          assert.equal(message.text, texts.join(''));
          assert.deepEqual(
            message.tool_calls?.map((call) => [call.name, call.args]),
            calls,
          );
          assert.equal(simulator.count(), 1 + faults.length);
        });
      }
    }
  });
}
