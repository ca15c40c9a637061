import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import type { Attempt } from '../../src/faults/index.ts';
import { expectedAnswer, startSimulator } from '../../src/faults/index.ts';
import { headerOf } from '../../src/wire/headers.ts';
import { emptyHome, runCli, startCliProcess } from './cli-process.ts';

const simulator = await startSimulator({ record: true });
after(() => simulator.close());

const key = 'sk-ant-api03-not-to-be-seen';
const env = { ANTHROPIC_BASE_URL: simulator.url, ANTHROPIC_API_KEY: key };

/** The text that the simulated API answers to the last request. */
function answered(): string {
  const body = simulator.attempts.at(-1)?.body;
  assert.ok(body);
  return expectedAnswer(body)
    .content.map((block) => (block.type === 'text' ? block.text : ''))
    .join('');
}

function lastRequest(): Record<string, unknown> {
  const body = simulator.attempts.at(-1)?.body;
  assert.ok(body);
  return JSON.parse(Buffer.from(body).toString());
}

test('prints the answer to an argument, and nothing else', async () => {
  const { status, stdout, stderr } = await runCli(['send', 'Hello'], { env });
  assert.deepEqual([status, stdout, stderr], [0, `${answered()}\n`, '']);
});

test('takes the text from standard input, and what the flags say', async () => {
  const words = ['send', '-', '--stream', '--model', 'claude-opus-5-5', '--max-tokens', '7', '--system', 'Be brief.'];
  const { status, stdout, stderr } = await runCli(words, { env, input: 'From a pipe' });
  assert.deepEqual([status, stdout], [0, `${answered()}\n`]);
  assert.match(stderr, /cut at --max-tokens/);
  const { model, max_tokens, system, stream, messages } = lastRequest();
  assert.deepEqual([model, max_tokens, system, stream], ['claude-opus-5-5', 7, 'Be brief.', true]);
  assert.deepEqual(messages, [{ role: 'user', content: 'From a pipe' }]);
});

test('an answer that is broken inside is told as one, and not quoted', { timeout: 60_000 }, async () => {
  const upstream = createServer((request, response) => {
    request.resume().once('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"type":"message","role":"assistant","content":[{"type":"text","text":secret words}]}');
    });
  });
  await once(upstream.listen(0, '127.0.0.1'), 'listening');
  const address = upstream.address();
  assert.ok(typeof address === 'object' && address !== null);
  const words = ['send', 'Hello', '--max-tokens', '100', '--upstream', `http://127.0.0.1:${address.port}`];
  const { status, stdout, stderr } = await runCli(words, { env });
  upstream.close();
  assert.deepEqual([status, stdout], [1, '']);
  assert.match(stderr, /api_error \(status 200\): The answer is not valid JSON: send it again later/);
  assert.doesNotMatch(stderr, /secret|unexpected/);
});

test('tells of recovery on standard error', async () => {
  simulator.next('reset-before-head');
  const { status, stdout, stderr } = await runCli(['send', 'Hello', '--stream'], { env });
  assert.deepEqual([status, stdout], [0, `${answered()}\n`]);
  assert.equal(stderr, 'attempt 1: no connection, or it broke; trying again\nrecovered: retry, 2 attempts\n');
});

test('goes on where nobody reads what it tells', async () => {
  simulator.next('reset-before-head');
  const child = startCliProcess(['send', 'Hello', '--stream'], { env });
  const { stdout, stderr } = child;
  assert.ok(stdout && stderr);
  stderr.destroy();
  const [[status], said] = await Promise.all([once(child, 'close'), text(stdout)]);
  assert.deepEqual([status, said], [0, `${answered()}\n`]);
});

test('tells of a stream that was healed in the middle', async () => {
  simulator.next('cut-reset');
  const { status, stderr } = await runCli(['send', 'Hello', '--stream'], { env });
  assert.equal(status, 0);
  assert.match(stderr, /^attempt 1: .*; trying again\nrecovered: resume, 2 attempts\n$/);
});

test('says while it waits that nobody is there, and gives up after --timeout', async () => {
  const gone = await startSimulator();
  const { url } = gone;
  await gone.close();
  // Short steps, so that a retry always fits into the time.
  const config = join(emptyHome, 'impatient.json');
  writeFileSync(config, JSON.stringify({ retry: { base: 0.05 } }));
  const words = ['send', 'Hello', '--timeout', '2', '--upstream', url, '--config', config];
  const { status, stdout, stderr } = await runCli(words, { env });
  assert.deepEqual([status, stdout], [1, '']);
  assert.match(stderr, /^attempt 1: no connection, or it broke; trying again\n/);
  assert.match(stderr, /\nridethrough: \w+ \(status \d+.*\): .*\n$/);
});

test('--json prints the answer, or the error, as it came', async () => {
  const whole = await runCli(['send', 'Hello', '--json'], { env });
  assert.deepEqual(JSON.parse(whole.stdout).content, [{ type: 'text', text: answered() }]);
  const failed = await runCli(['send', 'Hello', '--json', '--model', 'nobody'], { env });
  assert.equal(failed.status, 1);
  assert.equal(JSON.parse(failed.stdout).error.type, 'not_found_error');
});

test('a failure is one line with type, status, request-id and what to do', async () => {
  const { status, stdout, stderr } = await runCli(['send', 'Hello', '--model', 'nobody'], { env });
  assert.deepEqual([status, stdout], [1, '']);
  const line = /^ridethrough: not_found_error \(status 404, request-id req_\w+\): model: nobody: check --model .*\n$/;
  assert.match(stderr, line);
});

test('a stream that breaks for good is no success', async () => {
  const plan = ({ index }: Attempt) => (index === 1 ? 'cut-reset' : '400-prompt-too-long');
  const breaking = await startSimulator({ plan });
  const { status, stderr } = await runCli(['send', 'Hello', '--stream'], {
    env: { ...env, ANTHROPIC_BASE_URL: breaking.url },
  });
  await breaking.close();
  assert.equal(status, 1);
  assert.match(stderr, /^ridethrough: \w+ \(status \d+, request-id req_\w+\): .*\n$/m);
});

test('a bad key is wrong use, and is not shown', async () => {
  simulator.next('401-during-auth-outage');
  const refused = await runCli(['send', 'Hello'], { env });
  const misshapen = await runCli(['send', 'Hello'], { env: { ...env, ANTHROPIC_API_KEY: `"${key}"` } });
  const none = await runCli(['send', 'Hello'], { env: { ANTHROPIC_BASE_URL: simulator.url } });
  for (const [said, sentence] of [
    [refused, /^ridethrough: authentication_error \(status 401.*check the key/],
    [misshapen, /^ridethrough: ANTHROPIC_API_KEY holds characters that no key has/],
    [none, /^ridethrough: There is no key: set ANTHROPIC_API_KEY/],
  ] as const) {
    assert.equal(said.status, 2, said.stderr);
    assert.match(said.stderr, sentence);
    assert.doesNotMatch(said.stderr + said.stdout, /not-to-be-seen/);
  }
});

test('nothing to send is wrong use', async () => {
  const { status, stderr } = await runCli(['send'], { env });
  assert.equal(status, 2);
  assert.match(stderr, /^ridethrough: There is no text to send/);
});

test('the key of the environment does not go to another company that the configuration names', async () => {
  const config = join(emptyHome, 'two-companies.json');
  const upstreams = {
    backup: { url: simulator.url, key_env: 'BACKUP_KEY' },
    keyless: { url: `${simulator.url}/other` },
  };
  writeFileSync(config, JSON.stringify({ upstreams }));
  const both = { ANTHROPIC_API_KEY: key, BACKUP_KEY: 'sk-of-backup' };
  for (const upstream of ['backup', simulator.url]) {
    const { status } = await runCli(['send', 'Hello', '--config', config, '--upstream', upstream], { env: both });
    assert.equal(status, 0);
    assert.equal(headerOf(simulator.attempts.at(-1)?.headers ?? [], 'x-api-key'), 'sk-of-backup');
  }
  const before = simulator.attempts.length;
  const said = await runCli(['send', 'Hello', '--config', config, '--upstream', 'keyless'], { env: both });
  assert.deepEqual([said.status, simulator.attempts.length], [2, before]);
  assert.match(said.stderr, /^ridethrough: The upstream "keyless" has no key: give it a key_env\.\n$/);
});
