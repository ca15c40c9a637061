import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Simulator } from '../../src/faults/index.ts';
import { startSimulator } from '../../src/faults/index.ts';
import { emptyHome, runCli } from './cli-process.ts';

interface Finding {
  readonly name: string;
  readonly state: string;
  readonly finding: string;
  readonly advice: string | null;
}

const simulator: Simulator = await startSimulator();
after(() => simulator.close());
const key = 'sk-ant-api03-not-to-be-seen';

async function examine(
  words: string[],
  env: Record<string, string> = {},
): Promise<[number | null, Map<string, Finding>]> {
  const { status, stdout, stderr } = await runCli(['doctor', '--json', ...words], { env });
  assert.equal(stderr, '');
  assert.doesNotMatch(stdout, /not-to-be-seen/);
  const findings: Finding[] = JSON.parse(stdout);
  // The port is that of the machine the test runs on: whatever holds it is not under test.
  return [status, new Map(findings.filter(({ name }) => name !== 'port').map((each) => [each.name, each]))];
}

const problems = (findings: Map<string, Finding>) =>
  [...findings.values()].filter(({ state }) => state === 'problem').map(({ name }) => name);

test('finds nothing wrong with a healthy API', async () => {
  const [, findings] = await examine(['--upstream', simulator.url], { ANTHROPIC_API_KEY: key });
  assert.deepEqual(problems(findings), []);
  assert.match(findings.get('key')?.finding ?? '', /ANTHROPIC_API_KEY is accepted/);
  assert.match(findings.get('api')?.finding ?? '', /answered 200 in \d+ ms/);
  assert.equal(findings.get('clock')?.state, 'ok');
});

test('prints one line a finding', async () => {
  const { stdout } = await runCli(['doctor', '--upstream', simulator.url]);
  const lines = stdout.trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => line.split(/\s+/)[1]),
    ['node', 'config', 'target', 'port', 'proxy', 'dns', 'tcp', 'tls', 'api', 'clock', 'key'],
  );
});

test('takes the upstream from ANTHROPIC_BASE_URL', async () => {
  const [, findings] = await examine([], { ANTHROPIC_BASE_URL: simulator.url });
  assert.deepEqual(problems(findings), []);
  assert.match(findings.get('key')?.finding ?? '', /there is none/);
  assert.match(findings.get('target')?.finding ?? '', /by ANTHROPIC_BASE_URL/);
});

test('a key that is refused, or was copied badly, is a problem; its value is not shown', async () => {
  simulator.next('401-during-auth-outage');
  const refused = await examine(['--upstream', simulator.url], { ANTHROPIC_API_KEY: key });
  assert.deepEqual(problems(refused[1]), ['key']);
  assert.equal(refused[0], 1);
  const [, copied] = await examine(['--upstream', simulator.url], { ANTHROPIC_API_KEY: `"${key}"` });
  assert.deepEqual(problems(copied), ['key']);
});

test('nobody listening: the layer that fails is named, those above are skipped', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  const [status, findings] = await examine(['--upstream', `https://127.0.0.1:${port}`]);
  assert.equal(status, 1);
  assert.deepEqual(problems(findings), ['tcp', 'api']);
  for (const name of ['tls', 'clock', 'key']) assert.equal(findings.get(name)?.state, 'skipped', name);
});

test('looks at what serve would use with the same configuration, by name too, with the key of that upstream', async () => {
  const config = join(emptyHome, 'doctor-upstreams.yaml');
  writeFileSync(
    config,
    `upstream: a\nupstreams: {a: {url: "${simulator.url}", key_env: A_KEY}, b: {url: "${simulator.url}/b"}}\n`,
  );
  const env = { A_KEY: 'not-to-be-seen-a', ANTHROPIC_API_KEY: key, ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' };
  const [, own] = await examine(['--config', config], env);
  assert.equal(own.get('target')?.finding, `${simulator.url} (as \`serve\` would use it)`);
  assert.match(own.get('key')?.finding ?? '', /^the key of the upstream "a" is accepted/);
  const [, named] = await examine(['--config', config, '--upstream', 'b'], env);
  assert.equal(named.get('target')?.finding, `${simulator.url}/b (by --upstream)`);
  assert.equal(named.get('key')?.state, 'skipped');
});

test('where ANTHROPIC_BASE_URL is the gateway, it says that it looks behind it', async () => {
  const home = join(emptyHome, 'behind');
  mkdirSync(join(home, 'ridethrough'), { recursive: true });
  writeFileSync(join(home, 'ridethrough', 'ridethrough.yaml'), `upstream: ${simulator.url}\n`);
  const [, findings] = await examine([], { XDG_CONFIG_HOME: home, ANTHROPIC_BASE_URL: 'http://localhost:4141' });
  assert.match(findings.get('target')?.finding ?? '', /^http:\S+ \(ANTHROPIC_BASE_URL is the gateway itself/);
});

test('a broken configuration and a broken proxy variable are problems', async () => {
  const config = join(emptyHome, 'doctor.yaml');
  writeFileSync(config, 'retries: {max: 3}\n');
  const env = { HTTP_PROXY: 'nonsense', NO_PROXY: '*' };
  const [status, findings] = await examine(['--upstream', simulator.url, '--config', config], env);
  assert.equal(status, 1);
  assert.deepEqual(problems(findings), ['config', 'proxy', 'api']);
  assert.match(findings.get('config')?.finding ?? '', /did you mean "retry"/);
  assert.equal(findings.get('config')?.advice, `then try \`ridethrough config check ${config}\``);
});

test('doctor with a broken configuration showed the key of the environment to the default API', async () => {
  const config = join(emptyHome, 'doctor-broken.yaml');
  writeFileSync(config, 'upstream: [\n');
  // Whoever asked any API all the same would come by this proxy.
  let visits = 0;
  const server = createServer((socket) => {
    visits++;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const env = { ANTHROPIC_API_KEY: key, HTTPS_PROXY: `http://127.0.0.1:${port}` };
  const [status, findings] = await examine(['--config', config], env);
  server.close();
  assert.equal(status, 1);
  assert.deepEqual(problems(findings), ['config']);
  assert.match(findings.get('target')?.finding ?? '', /the configuration cannot be used, and no address is given/);
  for (const name of ['target', 'proxy', 'dns', 'tcp', 'tls', 'api', 'clock', 'key']) {
    assert.equal(findings.get(name)?.state, 'skipped', name);
  }
  assert.equal(visits, 0);
});

test('doctor went past the proxy of the configuration, which serve uses', async () => {
  let visits = 0;
  const server = createServer((socket) => {
    visits++;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const config = join(emptyHome, 'doctor-proxy.yaml');
  writeFileSync(config, `upstream: ${simulator.url}\nproxy: http://127.0.0.1:${port}\n`);
  const [status, findings] = await examine(['--config', config]);
  server.close();
  assert.equal(status, 1);
  assert.match(findings.get('proxy')?.finding ?? '', new RegExp(`is reached through 127.0.0.1:${port}$`));
  assert.deepEqual(problems(findings), ['api']);
  // Once for the line `tcp`, once for the API.
  assert.ok(visits >= 2, `${visits} visits`);
});
