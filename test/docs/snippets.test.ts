import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closeWorkshop, openWorkshop, runSnippet } from './run-snippet.ts';
import { refusedCommand, snippetsOf, withAddresses } from './snippets.ts';

before(openWorkshop);
after(closeWorkshop);

const run = (language: string, code: string, name: string, env: Record<string, string> = {}) =>
  runSnippet({ line: 1, language, code, notRun: null }, name, env);

test('blocks are found with their line, language and reason', () => {
  const page = [
    '# Title',
    '',
    '```ts',
    'const a = 1;',
    '```',
    '<!-- not run: it needs a key -->',
    '',
    '```bash',
    'ridethrough send hello',
    '```',
    '<!-- another comment -->',
    '````text',
    '```js',
    'inside',
    '```',
    '````',
    '```',
    'plain',
    '```',
  ].join('\n');
  assert.deepEqual(snippetsOf(`${page}\n`), [
    { line: 3, language: 'ts', code: 'const a = 1;\n', notRun: null },
    { line: 8, language: 'bash', code: 'ridethrough send hello\n', notRun: 'it needs a key' },
    { line: 12, language: 'text', code: '```js\ninside\n```\n', notRun: null },
    { line: 17, language: '', code: 'plain\n', notRun: null },
  ]);
});

test('only our own commands and harmless ones pass', () => {
  const fine = [
    'ridethrough config schema # prints it',
    'npx ridethrough send "a | b"',
    'npm run -s cli -- --version',
    'A_KEY=x ridethrough doctor \\\n  --json | cat',
    "# it's only a comment\necho 'it is # none'",
    "curl -s http://127.0.0.1:4141/healthz -d '{}'",
  ];
  for (const code of fine) assert.equal(refusedCommand(code), null, code);
  assert.equal(refusedCommand('ridethrough send x\nrm -rf /'), 'rm -rf /');
  assert.equal(refusedCommand('ridethrough send x | sh'), 'sh');
  assert.equal(refusedCommand('ridethrough send "$(cat x)"'), '$(cat x)"');
  assert.equal(refusedCommand('npm install left-pad'), 'npm install left-pad');
  assert.equal(refusedCommand('curl -s https://example.com/x'), 'https://example.com/x');
  assert.equal(refusedCommand('curl -s http://127.0.0.1.example.com/'), 'http://127.0.0.1.example.com/');
  assert.equal(refusedCommand('ridethrough-evil'), 'ridethrough-evil');
});

test('the default ports become the ports of this run', () => {
  const addresses = { gateway: 'http://127.0.0.1:1', simulator: 'http://127.0.0.1:2' };
  const code = 'http://127.0.0.1:4141/v1 http://localhost:4142 http://127.0.0.1:41410';
  assert.equal(withAddresses(code, addresses), 'http://127.0.0.1:1/v1 http://127.0.0.1:2 http://127.0.0.1:41410');
});

test('TypeScript runs with the library and its dependencies in reach, and its environment', async () => {
  const code = `
    import assert from 'node:assert/strict';
    import Anthropic from '@anthropic-ai/sdk';
    import { ridethrough } from 'ridethrough';
    const client: Anthropic = new Anthropic({ apiKey: 'any' });
    assert.equal(client.baseURL, 'http://127.0.0.1:9');
    console.log(typeof ridethrough().fetch);
  `;
  const ended = await run('ts', code, 'library', { ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' });
  assert.deepEqual(ended, { status: 0, output: 'function\n' });
});

test('a snippet that fails is seen to fail', async () => {
  assert.equal((await run('js', "throw new Error('no')", 'failing')).status, 1);
  assert.equal((await run('bash', 'ridethrough no-such-command\necho on', 'failing')).status, 2);
  assert.equal((await run('bash', 'npm install x', 'npm')).status, 64);
});

test('a snippet does not get off the machine', async () => {
  const { status, output } = await run('js', "await fetch('http://192.0.2.1/')", 'outside');
  assert.equal(status, 1);
  assert.match(output, /wants to reach 192\.0\.2\.1/);
});

test('our commands run from source, under every name', async () => {
  const code = 'ridethrough --version\nnpx ridethrough --version\nnpm run -s cli -- --version | cat';
  const { status, output } = await run('bash', code, 'names');
  assert.equal(status, 0, output);
  const versions = output.trim().split('\n');
  assert.equal(versions.length, 3);
  assert.equal(new Set(versions).size, 1, output);
});
