import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startSimulator } from '../../src/faults/index.ts';
import { runCli, startCli } from './cli-process.ts';

const simulator = await startSimulator();
after(() => simulator.close());

/** A command that is a line of JavaScript. */
const script = (text: string) => [process.execPath, '-e', text];

test('the command gets a gateway to the upstream that was set, and its outputs and status are its own', async () => {
  const asker = script(`
    fetch(process.env.ANTHROPIC_BASE_URL + '/v1/models', { headers: { 'x-api-key': 'any' } }).then(async (response) => {
      console.log(response.status, response.headers.has('ridethrough-id'), (await response.json()).data.length > 0);
      process.exitCode = 7;
    });`);
  const before = simulator.count();
  const { status, stdout, stderr } = await runCli(['run', '--', ...asker], {
    env: { ANTHROPIC_BASE_URL: simulator.url },
  });
  assert.deepEqual([status, stdout, stderr], [7, '200 true true\n', '']);
  assert.equal(simulator.count() - before, 1);
});

test('words after -- are the command, whatever they look like; standard input is passed on', async () => {
  const echo = script('process.stdin.pipe(process.stdout); console.error(process.argv.slice(1).join(" "))');
  const { status, stdout, stderr } = await runCli(['run', '--', ...echo, '--', '--help', '--port'], { input: 'hello' });
  assert.deepEqual([status, stdout, stderr], [0, 'hello', '--help --port\n']);
});

test('a gateway of our own in ANTHROPIC_BASE_URL is not taken for the upstream', async () => {
  const [port] = [new URL(simulator.url).port];
  // The port is taken, so that it is refused for that, and not for being its own upstream.
  const { status, stderr } = await runCli(['run', '--port', port, '--', 'true'], {
    env: { ANTHROPIC_BASE_URL: simulator.url },
  });
  assert.equal(status, 2);
  assert.match(stderr, /in use/);
});

test('a command that is not there is status 127, with a sentence', async () => {
  const { status, stdout, stderr } = await runCli(['run', '--', 'no-such-command-here']);
  assert.deepEqual([status, stdout], [127, '']);
  assert.match(stderr, /^ridethrough: cannot run "no-such-command-here": there is no such command.*\n$/);
});

test('signals reach the command; one that ends it is told as 128 + its number', async () => {
  for (const [signal, number] of [
    ['SIGTERM', 15],
    ['SIGINT', 2],
    ['SIGHUP', 1],
  ] as const) {
    const run = await startCli([
      'run',
      '--',
      ...script('console.log("up"); process.stdin.resume(); setInterval(() => {}, 1e6)'),
    ]);
    assert.equal(run.line, 'up');
    run.kill(signal);
    assert.equal((await run.finished).status, 128 + number, signal);
  }
  const handler = script(`process.on('SIGTERM', () => process.exit(3)); console.log('up'); setInterval(() => {}, 1e6)`);
  const run = await startCli(['run', '--', ...handler]);
  run.kill('SIGTERM');
  assert.equal((await run.finished).status, 3);
});
