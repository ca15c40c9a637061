import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expectedAnswer, startSimulator } from '../../src/faults/index.ts';
import { openGateway } from '../conformance/stage.ts';

const isThere = spawnSync('python3', ['-c', 'import anthropic']).status === 0;
const program = fileURLToPath(new URL('python-client.py', import.meta.url));

/** Longer than any silence that the client bears: it would have given up twice by then. */
const outageMs = 12_000;

const request = {
  model: 'claude-opus-5-5',
  max_tokens: 200,
  messages: [{ role: 'user', content: 'Tell me about yeast.' }],
};

/** A gateway before an upstream that is down at first. @returns the gateway's address */
async function openOutage(context: TestContext, fault: string): Promise<string> {
  const outages = [{ model: null, fromMs: 0, toMs: outageMs, fault }];
  const simulator = await startSimulator({ scenario: { outages, waits: { stallMs: outageMs } } });
  context.after(() => simulator.close());
  const { gateway, close } = await openGateway(simulator.url);
  context.after(() => close());
  return gateway.url;
}

test('the Python SDK, which bears 5 s of silence, sees nothing of an outage of 12 s', {
  skip: isThere ? false : 'python3 with the package anthropic is not installed here: pip install anthropic',
}, async (context) => {
  const jobs = [];
  for (const fault of ['hang-before-head', 'overloaded']) {
    for (const stream of [true, false]) jobs.push({ url: await openOutage(context, fault), stream, request });
  }
  const { stdout } = await promisify(execFile)('python3', [program, JSON.stringify(jobs)]);
  const { content, stop_reason } = expectedAnswer(request);
  const expected = { text: content[0]?.type === 'text' ? content[0].text : '', stop_reason };
  assert.deepEqual(
    JSON.parse(stdout),
    jobs.map(() => expected),
  );
});
