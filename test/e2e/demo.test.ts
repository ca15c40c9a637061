import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { before, describe, test } from 'node:test';
import { callsPerSecond, demoConfig } from '../../src/cli/demo/storm.ts';
import { defaultLimits } from '../../src/core/limits.ts';
import { runCli, startCliProcess } from './cli-process.ts';

describe('the demo', () => {
  let ended: Awaited<ReturnType<typeof runCli>>;
  before(async () => {
    ended = await runCli(['demo', '--calls', '80', '--seed', '5', '--json']);
  });

  test('ends by itself, with every call through the gateway whole', () => {
    const { status, stdout, stderr } = ended;
    assert.equal(status, 0, stderr);
    const { seed, calls, whole, lanes } = JSON.parse(stdout);
    assert.deepEqual([seed, calls, whole], [5, 80, true]);
    const [alone, through] = lanes;
    assert.deepEqual([alone.calls, through.calls, through.whole, through.hung], [80, 80, 80, 0]);
    assert.deepEqual(through.failed, []);
    // One model's outage and 30 % of all others: a storm without faults, early and late, would prove nothing.
    for (const lane of lanes) assert.ok(lane.midStream > 3 && lane.faulted > lane.midStream + 3, JSON.stringify(lane));
    assert.ok(new Map(through.recovered).has('resume'));
    assert.match(stderr, /^through Ridethrough +#{16} 80\/80 +whole 80 +failed 0/m);
  });

  test('does not amplify the storm: extra requests stay within what successes earn', () => {
    const { attempts, calls, faulted, midStream, slowestMs } = JSON.parse(ended.stdout).lanes[1];
    const { ratio, floor } = defaultLimits.budget;
    // A stream that began well has earned its share, wherever it broke; a resume may overdraw by ten.
    const successes = attempts - faulted + midStream;
    const elapsedMs = (calls / callsPerSecond) * 1000 + slowestMs;
    const turns = elapsedMs / (1000 * demoConfig.breaker.open);
    assert.ok(attempts - calls <= ratio * successes + floor + 10 + turns, ended.stdout);
  });

  test('shows one stream while it is cut and healed, and what the SDK alone is left with', () => {
    const [, healed = '', alone = ''] =
      /\n\n(.*?)\n\n✂ .*?\n\n(.*?)\n\nand an error: terminated/s.exec(ended.stderr) ?? [];
    const words = (text: string) => text.split(/\s+/).filter((word) => word !== '' && word !== '✂');
    assert.ok(healed.includes('✂'), ended.stderr);
    assert.equal(JSON.parse(ended.stdout).healed, true);
    assert.ok(words(alone).length > 10 && words(alone).length < words(healed).length);
    assert.deepEqual(words(healed).slice(0, words(alone).length), words(alone));
  });
});

/** Ends the demo in the middle of its storm. @returns its exit status and what it said at last, when its gateway is gone as well */
async function breakOff(kill: (pid: number) => void) {
  const child = startCliProcess(['demo', '--calls', '800', '--seed', '5', '--json'], { detached: true });
  const { pid = 0, stderr } = child;
  assert.ok(stderr !== null);
  const said: string[] = [];
  for await (const line of createInterface({ input: stderr })) {
    said.push(line);
    // The gateway has this pipe, too: it closes when both have ended.
    if (line.startsWith('through Ridethrough') && said.filter((one) => one.startsWith('through')).length === 1)
      kill(pid);
  }
  const status = child.exitCode ?? (await once(child, 'exit'))[0];
  return { status, said: said.join('\n') };
}

test('Ctrl-C in the middle of the storm, which the gateway gets too, is no unexpected failure', async () => {
  const { status, said } = await breakOff((pid) => process.kill(-pid, 'SIGINT'));
  assert.equal(status, 130, said);
  assert.ok(!said.includes('unexpected'), said);
});

test('a terminal that is closed leaves no gateway behind', async () => {
  const { status, said } = await breakOff((pid) => process.kill(pid, 'SIGHUP'));
  assert.equal(status, 129, said);
});
