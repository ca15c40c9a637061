import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { faults, startSimulator } from '../../src/faults/index.ts';
import { runCli, startCli } from '../e2e/cli-process.ts';

/** What must not be found again anywhere: of a key, a prompt and an answer. */
const canaries = { key: 'sk-ant-canary-4711', prompt: 'PROMPT-CANARY-4712', answer: 'ANSWER-CANARY-4713' };

const timeouts = { connect: 1, first_byte: 1, idle: 1, progress: 2, hold: 0.2, deadline: 2 };

/** One call, read to its end, whatever that is. */
async function call(url: string, fault: string | null, stream: boolean): Promise<string> {
  const body = JSON.stringify({
    ...{ model: 'claude-sonnet-5-5', max_tokens: 64, stream },
    messages: [{ role: 'user', content: canaries.prompt }],
  });
  // A key for each, so that no call waits for another's route.
  const key = `${canaries.key}-${fault}-${stream}`;
  const headers = { 'content-type': 'application/json', 'x-api-key': key, 'user-agent': key };
  const path = `/v1/messages${fault === null ? '' : `?fault=${fault}`}`;
  const response = await fetch(url + path, { method: 'POST', headers, body }).catch(() => null);
  return (await response?.text().catch(() => '')) ?? '';
}

/** Every file below a folder, as it stands on the disk. */
function filesIn(folder: string): [string, Buffer][] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name))]);
}

test('after failures of every kind no key, prompt or answer is in a file, a log, a metric or an endpoint', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ridethrough-canary-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const config = join(folder, 'ridethrough.yaml');
  writeFileSync(config, JSON.stringify({ timeouts, retry: { base: 0.01, cap: 0.05 } }));
  const text = `${canaries.answer} `.repeat(20);
  const simulator = await startSimulator({
    scenario: { answers: { [canaries.prompt]: { content: [{ type: 'text', text }] } } },
    // Each meets its fault again and again, so that some calls fail for good.
    plan: ({ path, index }) => (index % 4 === 3 ? null : (/fault=(?<name>[\w-]+)/.exec(path)?.groups?.name ?? null)),
  });
  t.after(() => simulator.close());
  const data = join(folder, 'data');
  const words = ['serve', '--port', '0', '--upstream', simulator.url, '--config', config, '--data', data];
  const gateway = await startCli(words);
  t.after(() => gateway.kill('SIGKILL'));
  const kinds = [null, ...faults.map(({ name }) => name)];
  const answers = await Promise.all(
    kinds.flatMap((kind) => [true, false].map((stream) => call(gateway.url, kind, stream))),
  );
  assert.ok(
    answers.some((answer) => answer.includes(canaries.answer)),
    'the canary was sung at all',
  );
  const told: [string, string][] = [];
  for (const path of ['/ridethrough/metrics', '/ridethrough/calls?limit=1000', '/ridethrough/status']) {
    told.push([path, await (await fetch(gateway.url + path)).text()]);
  }
  // While it runs: the log of the database holds what its file does not yet.
  const files = filesIn(data);
  gateway.kill('SIGTERM');
  const { status, stdout, stderr } = await gateway.finished;
  assert.equal(status, 0);
  const { calls } = JSON.parse((await runCli(['ledger', 'list', '--limit', '1000', '--json', '--data', data])).stdout);
  assert.equal(calls.length, answers.length, 'every call is in the ledger');
  const failed = new Set<string>();
  const exported = await runCli(['ledger', 'export', '--data', data]);
  for (const line of exported.stdout.trimEnd().split('\n')) {
    for (const attempt of JSON.parse(line).attempts) if (attempt.class !== null) failed.add(attempt.class);
  }
  t.diagnostic(`${calls.length} calls, classes of failure: ${[...failed].sort().join(', ')}`);
  assert.ok(failed.size >= 6, [...failed].join(', '));
  const support = await runCli(['ledger', 'export', '--support', '1h', '--data', data]);
  told.push(['stdout', stdout], ['stderr', stderr], ['export', exported.stdout], ['support', support.stdout]);
  const places = [...told.map(([name, said]) => [name, Buffer.from(said)] as const), ...files, ...filesIn(data)];
  for (const [name, bytes] of places) {
    for (const [what, canary] of Object.entries(canaries)) {
      assert.equal(bytes.indexOf(canary), -1, `the ${what} is in ${name}`);
    }
  }
});
