import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCli } from './cli-process.ts';

test('the demo ends by itself, with every call through the gateway whole', async () => {
  const { status, stdout, stderr } = await runCli(['demo', '--calls', '80', '--seed', '5', '--json']);
  assert.equal(status, 0, stderr);
  const { seed, calls, whole, lanes } = JSON.parse(stdout);
  assert.deepEqual([seed, calls, whole], [5, 80, true]);
  const [alone, through] = lanes;
  assert.deepEqual([alone.calls, through.calls, through.whole, through.hung], [80, 80, 80, 0]);
  assert.deepEqual(through.failed, []);
  // One model's outage and 30 % of all others: a storm without faults would prove nothing.
  for (const lane of lanes) assert.ok(lane.faulted > 10, `${lane.lane}: ${lane.faulted} faults`);
  assert.ok(through.attempts > 80);
  assert.match(stderr, /^through Ridethrough +#{16} 80\/80 +whole 80 +failed 0/m);
});
