import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startSimulator } from '../../src/faults/index.ts';
import { startCli } from '../e2e/cli-process.ts';

const body = (text: string, stream = false) =>
  JSON.stringify({ model: 'claude-opus-5-5', max_tokens: 30, stream, messages: [{ role: 'user', content: text }] });

test('a key has its answer after kill -9, stream or not, and neither prompt nor answer stands on the disk', async (context) => {
  const simulator = await startSimulator();
  const data = mkdtempSync(join(tmpdir(), 'ridethrough-keys-'));
  context.after(async () => {
    await simulator.close();
    rmSync(data, { recursive: true });
  });
  const serve = () => startCli(['serve', '--port', '0', '--upstream', simulator.url, '--data', data]);
  const ask = async (url: string, stream: boolean, text: string) => {
    const headers = { 'x-api-key': 'sk-ant-canary-key', 'ridethrough-key': stream ? 'canary-stream' : 'canary-whole' };
    const response = await fetch(`${url}/v1/messages`, { method: 'POST', headers, body: body(text, stream) });
    return { status: response.status, text: await response.text() };
  };
  const first = await serve();
  const answers = [await ask(first.url, false, 'canary-prompt'), await ask(first.url, true, 'canary-prompt')];
  first.kill('SIGKILL');
  await first.finished;

  const second = await serve();
  context.after(async () => {
    second.kill('SIGTERM');
    await second.finished;
  });
  assert.deepEqual(
    [await ask(second.url, false, 'canary-prompt'), await ask(second.url, true, 'canary-prompt')],
    answers,
  );
  assert.equal((await ask(second.url, false, 'another prompt')).status, 409);
  assert.equal(
    simulator.count(({ path }) => path === '/v1/messages'),
    2,
  );
  const said = JSON.parse(answers[0]?.text ?? '{}').content[0].text.slice(0, 40);
  for (const name of readdirSync(data)) {
    const bytes = readFileSync(join(data, name));
    for (const secret of ['canary-prompt', 'canary-key', 'canary-whole', said]) {
      assert.ok(!bytes.includes(secret), `${secret} in ${name}`);
    }
  }
});
