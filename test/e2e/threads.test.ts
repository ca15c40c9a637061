import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type Anthropic from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import type { Simulator } from '../../src/faults/index.ts';
import { headerOf } from '../../src/wire/headers.ts';
import { clientOf, openWay, scripts } from './ways.ts';

const weather = betaTool({
  name: 'weather',
  description: 'Says what the weather is like.',
  inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  run: ({ city }) => `It rains in ${city}.`,
});
const request = { model: 'claude-opus-5-5', max_tokens: 200, tools: [weather] };
let conversations = 0;

/** The API has begun its answer when they strike: it keeps one, and takes no second request for it. */
const beginning: ReadonlySet<string> = new Set(['error-after-message-start', 'pings-only']);

/** Equal conversations have equal ids here, and a thread is continued once. */
const ask = () => [{ role: 'user' as const, content: `Tell me about tides, please (${++conversations}).` }];

/** The tool runner as it is by default: it keeps the conversation at the API, and sends what is new. */
async function run(client: Anthropic, stream: boolean) {
  const messages = ask();
  if (!stream) return client.beta.messages.toolRunner({ ...request, messages }).runUntilDone();
  const runner = client.beta.messages.toolRunner({ ...request, messages, stream: true });
  for await (const turn of runner) await turn.finalMessage();
  return runner.runUntilDone();
}

/** How each Messages request used its thread, with the status that it met. */
function threadsOf(simulator: Simulator): string[] {
  return simulator.attempts.map(({ body, status, fault }) => {
    const { thread } = JSON.parse(Buffer.from(body ?? '{}').toString());
    return `${thread?.type} ${fault ?? status}`;
  });
}

suite('the threaded tool runner of the SDK, through the gateway', { concurrency: 8 }, () => {
  for (const { faults, streamOnly } of scripts) {
    for (const stream of streamOnly ? [true] : [true, false]) {
      // At the first turn the thread begins; at the second it is continued.
      for (const turn of [1, 2]) {
        test(`${stream ? 'stream' : 'create'}, turn ${turn}: ${faults.join(', ') || 'healthy'}`, async (context) => {
          const plan = ({ index }: { index: number }) => faults[index - turn] ?? null;
          const { simulator, reach } = await openWay(context, 'gateway', { plan });
          // An answer that the API had begun is asked for again by the SDK, which alone has the whole history.
          const message = await run(clientOf(reach, 2), stream);
          assert.equal(message.stop_reason, 'end_turn');
          assert.match(JSON.stringify(message.content), /Done\./);
          const all = threadsOf(simulator);
          const begun = faults.find((fault) => beginning.has(fault));
          if (turn === 1 || begun === undefined) return assert.equal(all.at(-1), 'continue 200', all.join());
          assert.deepEqual(all, ['create 200', `continue ${begun}`, 'continue 400', 'create 200']);
          // In one piece it is a plain error, and no sign that an answer had begun: we ask once more ourselves.
          const retries = headerOf(simulator.attempts[2]?.headers ?? [], 'x-stainless-retry-count');
          assert.equal(retries, stream ? '1' : '0');
        });
      }
    }
  }
});
