import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCli, startCli } from './cli-process.ts';

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
  const { scenarios, faults } = JSON.parse(json.stdout);
  assert.ok(scenarios.includes('storm'));
  assert.ok(faults.some((fault: { name: string }) => fault.name === 'overloaded'));
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
