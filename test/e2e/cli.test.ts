import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { emptyHome, runCli, startCliProcess } from './cli-process.ts';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

const commands = [
  'serve',
  'run',
  'send',
  'status',
  'diagnose',
  'explain',
  'alerts test',
  'queue list',
  'queue show',
  'queue cancel',
  'queue retry',
  'queue purge',
  'batch run',
  'ledger list',
  'ledger show',
  'ledger export',
  'ledger cost',
  'doctor',
  'simulate',
  'demo',
  'config init',
  'config check',
  'config schema',
];

test('--help lists every command, and each has help of its own', async () => {
  const overview = await runCli(['--help']);
  assert.equal(overview.status, 0);
  for (const command of commands) {
    assert.match(overview.stdout, new RegExp(`^  ${command} +\\S`, 'm'));
    const { status, stdout, stderr } = await runCli([...command.split(' '), '--help']);
    assert.equal(status, 0, stderr);
    assert.match(stdout, new RegExp(`^Usage: ridethrough ${command}`, 'm'));
    for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
  }
  assert.equal((await runCli(['help', 'config', 'init'])).stdout, (await runCli(['config', 'init', '--help'])).stdout);
});

test('help of a word that begins several commands names them', async () => {
  for (const words of [
    ['config', '--help'],
    ['help', 'config'],
  ]) {
    const { status, stdout } = await runCli(words);
    assert.equal(status, 0);
    assert.match(stdout, /^ {2}config init .*\n {2}config check .*\n {2}config schema \S*/m);
  }
});

test('a reader that has seen enough ends a command without a word', async () => {
  const child = startCliProcess(['config', 'schema']);
  const { stdout, stderr } = child;
  assert.ok(stdout && stderr);
  stdout.destroy();
  const [[status], said] = await Promise.all([once(child, 'close'), text(stderr)]);
  assert.deepEqual([status, said], [0, '']);
});

test('output that does not fit on the disk is a failure in one sentence', {
  skip: existsSync('/dev/full') ? false : 'no /dev/full on this system',
}, async () => {
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, [main, 'config', 'schema'], { stdio: ['ignore', full, 'pipe'] });
  closeSync(full);
  assert.ok(child.stderr);
  const [[status], said] = await Promise.all([once(child, 'close'), text(child.stderr)]);
  assert.deepEqual(
    [status, said],
    [1, 'ridethrough: the output cannot be written (ENOSPC): make room where it goes, or send it elsewhere.\n'],
  );
});

test('--version prints the version of the package', async () => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  assert.equal((await runCli(['--version'])).stdout, `${manifest.version}\n`);
});

test('wrong use is one sentence on standard error and status 2', async () => {
  const cases: Array<[string[], RegExp]> = [
    [['sevre'], /^ridethrough: There is no command "sevre"\. Did you mean `ridethrough serve`\?\n$/],
    [['config', 'chek'], /Did you mean|config init, config check, config schema/],
    [['config'], /^ridethrough: Say which: config init, config check, config schema\.\n$/],
    [['serve', '--prot', '1'], /^ridethrough: .* no flag --prot\. Did you mean --port\?.*\n$/],
    [['serve', '--port', 'http'], /^ridethrough: --port wants a whole number from 0 to 65535, not "http"\..*\n$/],
    [['serve', '--host='], /^ridethrough: --host wants a value \(HOST\)\./],
    [['serve', 'here'], /does not know what to do with "here"/],
    [['run'], /`ridethrough run` wants/],
    [['doctor', '--upstream', 'nonsense'], /--upstream must be a URL or the name of an upstream/],
  ];
  for (const [words, sentence] of cases) {
    const { status, stdout, stderr } = await runCli(words);
    assert.equal(status, 2, `${words.join(' ')}: ${stderr}`);
    assert.equal(stdout, '');
    assert.match(stderr, sentence);
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
  }
});

test('without a command the overview goes to standard error', async () => {
  const { status, stdout, stderr } = await runCli([]);
  assert.equal(status, 2);
  assert.equal(stdout, '');
  assert.match(stderr, /^Usage: ridethrough COMMAND/m);
});

test('config init writes a valid file once and leaves it alone afterwards', async () => {
  const path = join(emptyHome, 'init', 'ridethrough.yaml');
  const settings = { env: { XDG_CONFIG_HOME: join(emptyHome, 'init') } };
  const first = await runCli(['config', 'init', '--path', path], settings);
  assert.deepEqual([first.status, first.stdout], [0, `${path}\n`]);
  const written = readFileSync(path, 'utf8');
  assert.equal((await runCli(['config', 'check', path], settings)).status, 0);
  const second = await runCli(['config', 'init', '--path', path], settings);
  assert.equal(second.status, 2);
  assert.match(second.stderr, /it is there already/);
  assert.equal(readFileSync(path, 'utf8'), written);
  const nowhere = await runCli(['config', 'init', '--path', join(path, 'in-a-file', 'ridethrough.yaml')], settings);
  assert.equal(nowhere.status, 2);
  assert.match(
    nowhere.stderr,
    /was not written \(ENOTDIR\): check its folder and permissions, or name another by --path\.\n$/,
  );
});

test('config check without any file says that there is none and that this is fine', async () => {
  const { status, stdout } = await runCli(['config', 'check'], {
    env: { XDG_CONFIG_HOME: join(emptyHome, 'nothing') },
  });
  assert.equal(status, 0);
  assert.match(stdout, /^there is no \S+ridethrough\.yaml, which is fine/);
});

test('config schema prints a JSON Schema', async () => {
  const { status, stdout } = await runCli(['config', 'schema']);
  assert.equal(status, 0);
  assert.ok(JSON.parse(stdout).properties.timeouts);
});

test('what the config commands print is data with --json', async () => {
  const file = join(emptyHome, 'json', 'ridethrough.yaml');
  const read = async (...words: string[]) => JSON.parse((await runCli(['config', ...words, '--json'])).stdout);
  assert.deepEqual(await read('init', '--path', file), { file });
  assert.deepEqual(await read('check', file), { file, found: true, valid: true });
  assert.ok((await read('schema')).properties.timeouts);
});

test('config check takes its file by --config, as serve does, and one file only', async () => {
  const file = join(emptyHome, 'none.yaml');
  const missing = await runCli(['config', 'check', `--config=${file}`]);
  assert.equal(missing.status, 2);
  assert.match(missing.stderr, /none\.yaml cannot be read/);
  const two = await runCli(['config', 'check', join(emptyHome, 'other.yaml'), '--config', file]);
  assert.deepEqual([two.status, two.stderr], [2, 'ridethrough: Name one file: FILE and --config are two.\n']);
});
