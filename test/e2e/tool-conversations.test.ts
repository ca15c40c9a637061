import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createAnthropic } from '@ai-sdk/anthropic';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import { ChatAnthropic } from '@langchain/anthropic';
import { type AIMessageChunk, type BaseMessage, HumanMessage, ToolMessage } from '@langchain/core/messages';
import { jsonSchema, stepCountIs, streamText, tool } from 'ai';
import { answersBy, assertValid, finalText, opening, openStorm, weather, weatherCall } from './conversation.ts';
import { clientOf } from './ways.ts';

const model = 'claude-sonnet-5-5';
const { name, description, schema, run } = weather;
/** A turn more than it takes: one is repeated where a stream was closed after the first of two tools. */
const turnsMax = 12;

type Input = Parameters<typeof run>[0];

async function bySdk(url: string, headers = {}): Promise<string> {
  const asked = {
    model,
    max_tokens: 4000,
    thinking: { type: 'adaptive' as const },
    messages: [{ role: 'user' as const, content: opening }],
    tools: [betaTool({ name, description, inputSchema: schema, run: (input) => run(input as Input) })],
    thread: false as const,
    stream: true as const,
  };
  const runner = clientOf({ baseURL: url }).beta.messages.toolRunner(asked, { headers });
  for await (const turn of runner) await turn.finalMessage();
  const { content } = await runner.runUntilDone();
  return content.map((block) => (block.type === 'text' ? block.text : '')).join('');
}

async function byAiSdk(url: string): Promise<string> {
  const provider = createAnthropic({ apiKey: 'sk-ant-test', baseURL: `${url}/v1` });
  const result = streamText({
    model: provider(model),
    prompt: opening,
    maxOutputTokens: 4000,
    maxRetries: 0,
    stopWhen: stepCountIs(turnsMax),
    tools: {
      weather: tool({ description, inputSchema: jsonSchema<Input>(schema), execute: async (input) => run(input) }),
    },
  });
  for await (const part of result.fullStream) assert.notEqual(part.type, 'error', JSON.stringify(part));
  return result.text;
}

async function byLangChain(url: string): Promise<string> {
  const client = new ChatAnthropic({
    model,
    apiKey: 'sk-ant-test',
    anthropicApiUrl: url,
    maxTokens: 4000,
    maxRetries: 0,
    clientOptions: { maxRetries: 0, logLevel: 'off' },
  }).bindTools([{ name, description, input_schema: schema }]);
  const messages: BaseMessage[] = [new HumanMessage(opening)];
  for (let turn = 0; turn < turnsMax; turn++) {
    let whole: AIMessageChunk | null = null;
    for await (const chunk of await client.stream(messages)) whole = whole === null ? chunk : whole.concat(chunk);
    assert.ok(whole !== null);
    messages.push(whole);
    const calls = whole.tool_calls ?? [];
    if (calls.length === 0) return whole.text;
    for (const { id = '', args } of calls) {
      messages.push(new ToolMessage({ tool_call_id: id, content: run(args as Input) }));
    }
  }
  throw new Error('no end');
}

const hasPython = spawnSync('python3', ['-c', 'import anthropic']).status === 0;
const program = fileURLToPath(new URL('python-tools.py', import.meta.url));

async function byPython(url: string): Promise<string> {
  const job = { url, model, opening, turnsMax, tool: { name, description, input_schema: schema } };
  const { stdout } = await promisify(execFile)('python3', [program, JSON.stringify(job)]);
  return JSON.parse(stdout).text;
}

/** Thoughts that were cut and closed are in the history here, and must not reach the API. */
const bySdkLive = (url: string) => bySdk(url, { 'ridethrough-thinking': 'stream' });

const clients = {
  '@anthropic-ai/sdk': bySdk,
  '@anthropic-ai/sdk, thinking live': bySdkLive,
  '@ai-sdk/anthropic': byAiSdk,
  '@langchain/anthropic': byLangChain,
  python: byPython,
};
/** `SEED` plays others. */
const first = Number(process.env.SEED ?? 1);

suite('a conversation with tools comes to its end in a storm, and the API never sees a broken one', {
  concurrency: 4,
}, () => {
  for (const [client, converse] of Object.entries(clients)) {
    const seeds = client === 'python' ? [first] : Array.from({ length: 6 }, (_, index) => first + index);
    for (const seed of seeds) {
      const skip =
        client === 'python' && !hasPython ? 'python3 with the package anthropic is not installed here' : false;
      test(`${client}, seed ${seed}`, { skip }, async (context) => {
        const { simulator, url } = await openStorm(context, seed, answersBy(weatherCall));
        assert.equal(await converse(url), finalText);
        assertValid(simulator);
      });
    }
  }
});
