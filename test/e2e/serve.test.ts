import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { request } from 'undici';
import { startSimulator } from '../../src/faults/index.ts';
import { emptyHome, runCli, startCli } from './cli-process.ts';

let arrived = () => {};
const simulator = await startSimulator({ plan: () => void arrived() });
after(() => simulator.close());

const ask = { model: 'claude-sonnet-5-5', max_tokens: 50, messages: [{ role: 'user', content: 'Hello' }] };
const post = (url: string) =>
  fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'sk-ant-test', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify(ask),
  });

test('says where it listens in one line, serves, and ends on SIGTERM', async () => {
  // The variable is meant for clients: were it followed, the line would name it.
  const env = { ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' };
  const gateway = await startCli(['serve', '--port', '0', '--upstream', simulator.url], { env });
  assert.match(gateway.line, /^ridethrough is listening on http:\/\/127\.0\.0\.1:\d+ → http:\/\/127\.0\.0\.1:\d+$/);
  assert.ok(gateway.line.endsWith(`→ ${simulator.url}`));
  for (const probe of ['/healthz', '/readyz']) assert.equal((await fetch(`${gateway.url}${probe}`)).status, 200);
  simulator.next('reset-before-head');
  const response = await post(gateway.url);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('ridethrough-attempts'), '2');
  await response.json();
  gateway.kill('SIGTERM');
  const { status, stdout, stderr } = await gateway.finished;
  assert.deepEqual([status, stdout, stderr], [0, `${gateway.line}\n`, '']);
});

/** Signals a gateway while a call is under way. @returns the call's status and that of the gateway's end */
async function signalledAmidCall(...signals: NodeJS.Signals[]): Promise<[number, number | null]> {
  const gateway = await startCli(['serve', '--port', '0', '--upstream', simulator.url]);
  simulator.setScenario({ latency: { firstByteMs: 300, eventMs: 0, spread: 0 } });
  const { promise: underWay, resolve } = Promise.withResolvers<void>();
  arrived = resolve;
  const running = post(gateway.url);
  await underWay;
  for (const signal of signals) gateway.kill(signal);
  const { status } = await running;
  const ended = await gateway.finished;
  simulator.setScenario({});
  return [status, ended.status];
}

test('SIGTERM lets a call under way end, Ctrl-C is told by 130', async () => {
  assert.deepEqual(await signalledAmidCall('SIGTERM'), [200, 0]);
  assert.deepEqual(await signalledAmidCall('SIGINT'), [200, 130]);
});

test('two signals at one moment, as `timeout` sends them, let a call under way end', async () => {
  const [called, ended] = await signalledAmidCall('SIGTERM', 'SIGINT');
  assert.equal(called, 200);
  // Of two signals that wait, the system hands over either first.
  assert.ok(ended === 0 || ended === 130, `status ${ended}`);
});

test('SIGHUP puts a new configuration in force, and refuses an invalid one as a whole', async () => {
  const config = join(emptyHome, 'reload.yaml');
  writeFileSync(config, '{}\n');
  const gateway = await startCli(['serve', '--port', '0', '--upstream', simulator.url, '--config', config]);
  const hosted = async () => {
    const response = await request(`${gateway.url}/v1/models`, { headers: { host: 'gateway.example.com' } });
    await response.body.dump();
    return response.statusCode;
  };
  assert.equal(await hosted(), 403);
  writeFileSync(config, 'hosts: [gateway.example.com]\n');
  gateway.kill('SIGHUP');
  const { value: first } = await gateway.notes.next();
  assert.match(String(first), /new configuration is in force/);
  assert.notEqual(await hosted(), 403);
  writeFileSync(config, 'hosts: gateway.example.com\n');
  gateway.kill('SIGHUP');
  const { value: second } = await gateway.notes.next();
  assert.match(String(second), /stays as it was.*"hosts" must be a list/);
  assert.notEqual(await hosted(), 403);
  gateway.kill('SIGTERM');
  assert.equal((await gateway.finished).status, 0);
});

test('what cannot work is one sentence and status 2', async () => {
  const unknownKey = join(emptyHome, 'unknown-key.yaml');
  writeFileSync(unknownKey, 'timeout: {connect: 3}\n');
  const taken = new URL(simulator.url).port;
  const cases: Array<[string[], RegExp]> = [
    [['serve', '--port', taken], new RegExp(`^ridethrough: .*${taken}.*\\n$`)],
    [['serve', '--config', join(emptyHome, 'none.yaml')], /^ridethrough: .*none\.yaml cannot be read \(ENOENT\).*\n$/],
    [['serve', '--config', emptyHome], /^ridethrough: .*a file, not a folder.*\n$/],
    [['serve', '--config', unknownKey], /^ridethrough: .*"timeout" is not a known key: did you mean "timeouts"\?\n$/],
    [['config', 'check', unknownKey], /did you mean "timeouts"\?\n$/],
    [['serve', '--upstream', 'nowhere'], /^ridethrough: .*must be a URL or the name of an upstream.*\n$/],
    [['serve', '--port', '0', '--host', '0.0.0.0'], /^ridethrough: .*RIDETHROUGH_TOKEN.*\n$/],
  ];
  for (const [words, sentence] of cases) {
    const { status, stdout, stderr } = await runCli(words);
    assert.match(stderr, sentence, words.join(' '));
    assert.deepEqual([status, stdout], [2, ''], words.join(' '));
  }
});
