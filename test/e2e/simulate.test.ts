import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { runCli, startCli, startCliProcess } from './cli-process.ts';

test('serves a Claude API until Ctrl-C, and says where', async () => {
  const simulator = await startCli(['simulate', '--port', '0', '--faults', 'overloaded', '--seed', '7']);
  assert.match(
    simulator.line,
    /^ridethrough simulates the Claude API on http:\/\/127\.0\.0\.1:\d+ \(overloaded, seed 7\)$/,
  );
  const response = await fetch(`${simulator.url}/v1/models`, { headers: { 'x-api-key': 'any' } });
  assert.equal(response.status, 529);
  await response.body?.cancel();
  simulator.kill('SIGINT');
  const { status, stderr } = await simulator.finished;
  assert.deepEqual([status, stderr], [130, '']);
});

test('--list names scenarios and faults, also as JSON', async () => {
  const [text, json] = await Promise.all([runCli(['simulate', '--list']), runCli(['simulate', '--list', '--json'])]);
  assert.match(text.stdout, /^Scenarios: .*storm/m);
  assert.match(text.stdout, /^529-for-hours +pre-content +\S/m);
  for (const line of text.stdout.split('\n')) assert.ok(line.length <= 100, line);
  const { scenarios, faults } = JSON.parse(json.stdout);
  assert.ok(scenarios.includes('storm'));
  assert.ok(faults.some((fault: { name: string }) => fault.name === 'overloaded'));
});

test('--json prints each request as a line of JSON, and says where on standard error', async () => {
  const child = startCliProcess(['simulate', '--port', '0', '--faults', 'overloaded', '--json']);
  assert.ok(child.stdout && child.stderr);
  const notes = createInterface({ input: child.stderr });
  const lines = createInterface({ input: child.stdout });
  const [said] = await once(notes, 'line');
  const printed = once(lines, 'line');
  const { url = '' } = /(?<url>http:\/\/[^\s/]+)/.exec(said)?.groups ?? {};
  const response = await fetch(`${url}/v1/models`, { headers: { 'x-api-key': 'not-to-be-seen' } });
  await response.body?.cancel();
  const [line] = await printed;
  const ended = once(child, 'close');
  child.kill('SIGTERM');
  await ended;
  const { index, method, path, status } = JSON.parse(line);
  assert.deepEqual([index, method, path, status], [1, 'GET', '/v1/models', 529]);
  assert.doesNotMatch(line, /not-to-be-seen/);
});

test('an unknown fault and a port in use are one sentence and status 2', async () => {
  const unknown = await runCli(['simulate', '--faults', 'overload']);
  assert.equal(unknown.status, 2);
  assert.match(
    unknown.stderr,
    /^ridethrough: There is no scenario, fault or file named overload; did you mean overloaded.*\n$/,
  );
  const first = await startCli(['simulate', '--port', '0']);
  const second = await runCli(['simulate', '--port', new URL(first.url).port]);
  first.kill('SIGTERM');
  assert.equal(second.status, 2);
  assert.match(second.stderr, /^ridethrough: .*port.*\n$/i);
  assert.equal((await first.finished).status, 0);
});
