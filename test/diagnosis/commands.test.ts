import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../src/core/clock.ts';
import type { Diagnosis } from '../../src/diagnosis/endpoint.ts';
import { startSimulator } from '../../src/faults/index.ts';
import { openStore } from '../../src/store/open.ts';
import { type Finished, runCli, startCli } from '../e2e/cli-process.ts';
import { endedAttempt } from '../fixtures/events.ts';
import { record } from '../ledger/stage.ts';

const prompt = 'a question that nobody else may read';
const key = 'sk-ant-api03-not-to-be-told';

/** A gateway with a data folder of its own, before a simulator in which one model is down. */
async function open(context: TestContext) {
  const home = mkdtempSync(join(tmpdir(), 'ridethrough-diagnosis-'));
  const outages = [{ model: 'claude-opus-5-5', fromMs: 0, toMs: null, fault: 'overloaded' }];
  const simulator = await startSimulator({ scenario: { outages } });
  const data = join(home, 'data');
  const gateway = await startCli(['serve', '--port', '0', '--upstream', simulator.url, '--data', data]);
  context.after(async () => {
    gateway.kill('SIGTERM');
    await gateway.finished;
    await simulator.close();
    rmSync(home, { recursive: true });
  });
  const config = join(home, 'ridethrough.yaml');
  writeFileSync(config, `upstream: ${simulator.url}\n`);
  return { gateway, data, config };
}

async function call(url: string, model: string): Promise<Response> {
  const body = JSON.stringify({ model, max_tokens: 20, messages: [{ role: 'user', content: prompt }] });
  const headers = { 'x-api-key': key, 'content-type': 'application/json', 'ridethrough-deadline': '2' };
  const response = await fetch(`${url}/v1/messages`, { method: 'POST', headers, body });
  await response.arrayBuffer();
  return response;
}

function assertForPeople({ status, stdout, stderr }: Finished): void {
  assert.equal(status, 0, stderr);
  for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
  assert.ok(!stdout.includes('\x1b'), 'a pipe gets no colours');
  for (const secret of [prompt, key]) assert.ok(!(stdout + stderr).includes(secret), 'nothing of the call is told');
}

test('diagnose names the model that is down, and explain tells of one call to it', async (context) => {
  const { gateway, data, config } = await open(context);
  for (let n = 0; n < 4; n++) assert.equal((await call(gateway.url, 'claude-sonnet-5-5')).status, 200);
  const failed = await Promise.all(Array.from({ length: 4 }, () => call(gateway.url, 'claude-opus-5-5')));
  const [first] = failed;
  assert.equal(first?.status, 529);
  const id = first?.headers.get('ridethrough-id') ?? '';

  const live = await runCli(['diagnose', '--url', gateway.url]);
  assertForPeople(live);
  assert.match(live.stdout, /^this model \(\d+ % sure, since /);
  assert.match(live.stdout, /claude-opus-5-5 is in trouble at the provider/);

  const answer = await fetch(`${gateway.url}/ridethrough/diagnosis`);
  const { verdict } = (await answer.json()) as Diagnosis;
  assert.equal(verdict.fault, 'this model');
  assert.equal(verdict.subject, 'claude-opus-5-5');

  // The ledger is written in batches: the call's own row comes within a second.
  let explained = await runCli(['explain', id, '--data', data]);
  for (let n = 0; explained.status !== 0 && n < 20; n++) explained = await runCli(['explain', id, '--data', data]);
  assertForPeople(explained);
  assert.match(explained.stdout, /The model is overloaded\./);
  assert.match(explained.stdout, /The caller was told 529 \(overloaded_error\)/);

  const asked = await runCli(['explain', id, '--prompt', '--include-body', '--data', data]);
  assert.equal(asked.status, 0, asked.stderr);
  assert.match(asked.stdout, /whose fault it is/);
  assert.match(asked.stderr, /no body is kept of this call/);

  const past = await runCli(['diagnose', '--since', '10m', '--config', config, '--data', data]);
  assertForPeople(past);
  assert.match(past.stdout, /^this model /);

  const one = await runCli(['diagnose', id, '--json', '--data', data]);
  assert.equal((JSON.parse(one.stdout) as Diagnosis).verdict.fault, 'this model', one.stdout);
});

test('diagnose ID does not blame a model that another call named in vain', async (context) => {
  const { gateway, data } = await open(context);
  const well = await call(gateway.url, 'claude-sonnet-5-5');
  assert.equal((await call(gateway.url, 'claude-misspelt')).status, 404);
  gateway.kill('SIGTERM');
  await gateway.finished;
  const asked = await runCli(['diagnose', well.headers.get('ridethrough-id') ?? '', '--json', '--data', data]);
  const { verdict } = JSON.parse(asked.stdout) as Diagnosis;
  assert.notEqual(verdict.fault, 'this model', asked.stdout);
  assert.ok(!asked.stdout.includes('claude-misspelt'), asked.stdout);
});

test('diagnose ID blames a request that was refused in itself, although an outage was around it', async (context) => {
  const data = mkdtempSync(join(tmpdir(), 'ridethrough-refused-'));
  context.after(() => rmSync(data, { recursive: true }));
  const atMs = systemClock.now() - 60_000;
  const told = Array.from({ length: 41 }, (_, n) => {
    const isLast = n === 40;
    const type = isLast ? 'invalid_request_error' : 'overloaded_error';
    const failure = isLast ? 'request' : 'overload';
    const ids = { callId: isLast ? 'refused' : `overloaded-${n}`, caller: `caller-${n % 2}` };
    const error = { type, code: null, action: isLast ? 'surface' : 'retry', waitMs: null } as const;
    const attempt = endedAttempt({ ...ids, atMs: atMs + n, failure, status: isLast ? 400 : 529, error });
    const ended = { receivedAtMs: atMs + n - 500, totalMs: 500, result: 'failed', status: attempt.status } as const;
    return { call: { ...ids, ...ended, error: { class: failure, type, code: null } as const }, attempts: [attempt] };
  });
  const store = await openStore({ data, database: null, clock: systemClock });
  await record(store, told);
  await store.close();
  const verdictOf = async (id: string) => {
    const { stdout } = await runCli(['diagnose', id, '--json', '--data', data]);
    return (JSON.parse(stdout) as Diagnosis).verdict;
  };
  assert.equal((await verdictOf('overloaded-39')).fault, 'this provider');
  const { fault, shape, confidence } = await verdictOf('refused');
  assert.deepEqual([fault, shape], ['your request', 'bad-request']);
  assert.ok(confidence >= 0.8);
});

test('explain --ask --json prints the answer as JSON, not as text', async (context) => {
  const { gateway, data } = await open(context);
  const id = (await call(gateway.url, 'claude-sonnet-5-5')).headers.get('ridethrough-id') ?? '';
  const env = { ANTHROPIC_BASE_URL: gateway.url, ANTHROPIC_API_KEY: key };
  const ask = () => runCli(['explain', id, '--ask', '--json', '--data', data], { env });
  // The ledger is written in batches.
  let asked = await ask();
  for (let n = 0; asked.status !== 0 && n < 20; n++) asked = await ask();
  assert.equal(JSON.parse(asked.stdout).type, 'message', asked.stderr);
});

test('an id that nobody has, and a folder without a ledger, are told in one sentence', async (context) => {
  const { data } = await open(context);
  const unknown = await runCli(['explain', 'nobody', '--data', data]);
  assert.equal(unknown.status, 1);
  assert.match(unknown.stderr, /^ridethrough: the ledger has no call with the id nobody; .*\n$/);
  const empty = await runCli(['diagnose', 'nobody', '--data', join(data, 'none')]);
  assert.equal(empty.status, 2);
  assert.match(empty.stderr, /Nothing has been recorded in /);
});
