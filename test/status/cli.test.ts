import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';
import type { StatusReport } from '../../src/cli/status/report.ts';
import { startSimulator } from '../../src/faults/index.ts';
import { runCli, startCli, startCliProcess } from '../e2e/cli-process.ts';

/** A gateway process before a simulator in which one model is down; everything ends with the test. */
async function open(context: TestContext, args: readonly string[] = [], env: Record<string, string> = {}) {
  const outages = [{ model: 'claude-opus-5-5', fromMs: 0, toMs: null, fault: 'overloaded' }];
  const simulator = await startSimulator({ scenario: { outages } });
  const gateway = await startCli(['serve', '--port', '0', '--upstream', simulator.url, ...args], { env });
  context.after(async () => {
    gateway.kill('SIGTERM');
    await gateway.finished;
    await simulator.close();
  });
  return { simulator, gateway };
}

async function call(url: string, model: string): Promise<number> {
  const body = JSON.stringify({ model, max_tokens: 20, messages: [{ role: 'user', content: 'hi' }] });
  const headers = { 'x-api-key': 'any', 'content-type': 'application/json', 'ridethrough-deadline': '1' };
  return (await fetch(`${url}/v1/messages`, { method: 'POST', headers, body })).status;
}

test('status tells how each route stands, as a table and as JSON', async (context) => {
  const { simulator, gateway } = await open(context);
  assert.equal(await call(gateway.url, 'claude-sonnet-5-5'), 200);
  assert.equal(await call(gateway.url, 'claude-opus-5-5'), 529);
  const shown = await runCli(['status', '--url', gateway.url]);
  assert.equal(shown.status, 0, shown.stderr);
  assert.match(shown.stdout, /^ridethrough \d+\.\d+\.\d+ on http:\/\/127\.0\.0\.1:\d+ → http/);
  assert.match(shown.stdout, /127\.0\.0\.1:\d+\/claude-opus-5-5 /);
  assert.match(shown.stdout, /127\.0\.0\.1:\d+\/claude-sonnet-5-5 /);
  for (const line of shown.stdout.split('\n')) assert.ok(line.length <= 80, line);
  assert.ok(!shown.stdout.includes('\x1b'), 'a pipe gets no colours');

  const json = await runCli(['status', '--json', '--url', `${gateway.url}/`]);
  const report = JSON.parse(json.stdout) as StatusReport;
  assert.deepEqual(report.routes.map(({ route }) => route).sort(), [
    `127.0.0.1:${simulator.port}/claude-opus-5-5`,
    `127.0.0.1:${simulator.port}/claude-sonnet-5-5`,
  ]);
  assert.equal(report.page, null, 'the page is about another API');
  assert.ok(!json.stdout.includes('any'), 'no key in it');
});

test('where no gateway runs, it says so and what to do', async (context) => {
  const simulator = await startSimulator();
  context.after(() => simulator.close());
  const stranger = await runCli(['status', '--url', simulator.url]);
  assert.equal(stranger.status, 1);
  assert.match(stranger.stderr, /is no gateway of this version: give --url/);
  const gone = await startSimulator();
  const { url } = gone;
  await gone.close();
  for (const words of [[], ['--watch']]) {
    const { status, stdout, stderr } = await runCli(['status', '--url', url, ...words]);
    assert.equal(status, 1);
    assert.equal(stdout, '');
    assert.match(
      stderr,
      /^ridethrough: No gateway runs at http:\/\/127\.0\.0\.1:\d+: start one with `ridethrough serve`/,
    );
  }
  const wrong = await runCli(['status', '--url', 'localhost:4141']);
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /--url wants an address/);
});

test('a gateway that wants an admin token gets the one of the environment', async (context) => {
  const tokens = { RIDETHROUGH_ADMIN_TOKEN: 'admin-token-long-enough', RIDETHROUGH_TOKEN: 'data-token-long-enough' };
  const { gateway } = await open(context, ['--host', '0.0.0.0'], tokens);
  const url = `http://127.0.0.1:${new URL(gateway.url).port}`;
  const without = await runCli(['status', '--url', url]);
  assert.equal(without.status, 1);
  assert.match(without.stderr, /wants an admin token: set RIDETHROUGH_ADMIN_TOKEN/);
  const { RIDETHROUGH_ADMIN_TOKEN } = tokens;
  assert.equal((await runCli(['status', '--url', url], { env: { RIDETHROUGH_ADMIN_TOKEN } })).status, 0);
});

test('status --watch on a pipe prints a line when something changes, and ends at Ctrl-C with 130', async (context) => {
  const { gateway } = await open(context);
  const child = startCliProcess(['status', '--watch', '--url', gateway.url]);
  context.after(() => child.kill('SIGKILL'));
  assert.ok(child.stdout);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  assert.match(String((await lines.next()).value), /^\d\d:\d\d:\d\d (unclear|nothing is wrong)$/);
  await Promise.all(Array.from({ length: 8 }, () => call(gateway.url, 'claude-opus-5-5')));
  // Health, breaker and verdict change one after the other, each with a line of its own or together.
  for (let line = ''; !/claude-opus-5-5 breaker open/.test(line); ) {
    const { value, done } = await lines.next();
    assert.ok(!done, 'it ended before it told of the breaker');
    line = value;
  }
  child.kill('SIGINT');
  assert.deepEqual(await once(child, 'exit'), [130, null]);
});

test('status --watch --json prints reports, a line each', async (context) => {
  const { gateway } = await open(context);
  const child = startCliProcess(['status', '--watch', '--json', '--url', gateway.url]);
  context.after(() => child.kill('SIGKILL'));
  assert.ok(child.stdout);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = JSON.parse(String((await lines.next()).value)) as StatusReport;
  const second = JSON.parse(String((await lines.next()).value)) as StatusReport;
  assert.ok(second.atMs > first.atMs);
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [143, null]);
});

test('the page that a configuration names is read, and its incidents are told', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'ridethrough-status-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const page = await startSimulator({ status: 'red' });
  context.after(() => page.close());
  const config = join(folder, 'ridethrough.yaml');
  writeFileSync(
    config,
    `status: {page: 'on', urls: ['${page.url}'], webhook_secret_env: PAGE_SECRET}\nalerts: {bell: true}\n`,
  );
  const { gateway } = await open(context, ['--config', config], { PAGE_SECRET: 'secret-part-of-a-path' });
  // The webhook is quicker than the first look.
  const incident = {
    id: 'w',
    name: 'Told by webhook',
    status: 'investigating',
    impact: 'major',
    created_at: '2026-01-01T00:00:00Z',
  };
  const taken = await fetch(`${gateway.url}/ridethrough/statuspage/secret-part-of-a-path`, {
    method: 'POST',
    body: JSON.stringify({ incident }),
  });
  assert.equal(taken.status, 200);
  const { value: alert } = await gateway.notes.next();
  assert.match(
    alert,
    /^ridethrough: NEW: Incident investigating: (Told by webhook|Outage across all models)( \(and 1 more\))?$/,
  );
  const { stdout } = await runCli(['status', '--url', gateway.url]);
  assert.match(stdout, /Told by webhook/);
});
