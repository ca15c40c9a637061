import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type Anthropic from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import { expectedAnswer } from '../../src/faults/index.ts';
import { answeredBodies, clientOf, openWay, scripts, ways } from './ways.ts';

const request = {
  model: 'claude-opus-5-5',
  max_tokens: 200,
  messages: [{ role: 'user' as const, content: 'Tell me about tides.' }],
};
/** The history travels with each turn: the simulator keeps no threads. */
const unthreaded = { ...request, thread: false as const };
const weather = betaTool({
  name: 'weather',
  description: 'Says what the weather is like.',
  inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  run: ({ city }) => `It rains in ${city}.`,
});

interface Job {
  /** Whether the upstream is asked to stream. */
  readonly stream: boolean;
  /** Messages requests that it takes when nothing fails. */
  readonly calls: number;
  /** Does it; returns the last message. */
  run(client: Anthropic): Promise<{ content: unknown; stop_reason: unknown }>;
}

const jobs: Readonly<Record<string, Job>> = {
  create: { stream: false, calls: 1, run: (client) => client.messages.create(request) },
  'long create': {
    // So many tokens are streamed from the upstream and collected here.
    stream: true,
    calls: 1,
    run: (client) => client.messages.create({ ...request, max_tokens: 16_000 }),
  },
  stream: { stream: true, calls: 1, run: (client) => client.messages.stream(request).finalMessage() },
  'tool runner': {
    stream: false,
    calls: 2,
    run: (client) => client.beta.messages.toolRunner({ ...unthreaded, tools: [weather] }).runUntilDone(),
  },
  'streaming tool runner': {
    stream: true,
    calls: 2,
    async run(client) {
      const runner = client.beta.messages.toolRunner({ ...unthreaded, tools: [weather], stream: true });
      for await (const turn of runner) await turn.finalMessage();
      return runner.runUntilDone();
    },
  },
};

for (const way of ways) {
  suite(`@anthropic-ai/sdk by ${way}`, { concurrency: 8 }, () => {
    for (const [name, job] of Object.entries(jobs)) {
      for (const { faults, streamOnly } of scripts) {
        if (streamOnly && !job.stream) continue;
        test(`${name}: ${faults.join(', ') || 'healthy'}`, async (context) => {
          const { simulator, reach } = await openWay(context, way);
          for (const fault of faults) simulator.next(fault);
          const message = await job.run(clientOf(reach));
          const bodies = answeredBodies(simulator);
          const expected = expectedAnswer(bodies.at(-1) ?? '');
          assert.deepEqual(
            { content: message.content, stop_reason: message.stop_reason },
            { content: expected.content, stop_reason: expected.stop_reason },
          );
          assert.equal(bodies.length, job.calls);
          assert.equal(simulator.count(), job.calls + faults.length);
        });
      }
    }
  });
}
