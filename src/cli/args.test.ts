import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RidethroughError } from '../core/errors.ts';
import { readArgs } from './args.ts';

const options = {
  port: { kind: 'whole', value: 'PORT', about: '', min: 0, max: 65535, default: 4141 },
  host: { kind: 'text', value: 'HOST', about: '' },
  json: { kind: 'switch', about: '' },
} as const;
const operands = { usage: '[TEXT]', min: 0, max: 1 };
const read = (...words: string[]) => readArgs('serve', options, operands, words);
const refused = (message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof RidethroughError);
  assert.equal(error.code, 'invalid_usage');
  assert.match(error.message, message);
  return true;
};

test('reads flags in both spellings and fills in defaults', () => {
  assert.deepEqual(read(), { options: { port: 4141, host: undefined, json: false }, operands: [] });
  assert.deepEqual(read('--port', '0', '--host=::1', '--json', 'hello').options, { port: 0, host: '::1', json: true });
  assert.deepEqual(read('--port', '1', '--port', '2').options.port, 2);
});

test('leaves the words after -- alone', () => {
  const { operands: words, options: flags } = readArgs('run', options, { usage: 'COMMAND', min: 1, max: 9 }, [
    '--json',
    '--',
    'claude',
    '--port',
    '-x',
  ]);
  assert.deepEqual(words, ['claude', '--port', '-x']);
  assert.equal(flags.port, 4141);
});

test('a flag behind the command to be run wants a -- before the command', () => {
  const run = { usage: '-- COMMAND…', min: 1, max: 9 };
  for (const words of [
    ['sh', '-c', 'x'],
    ['claude', '--port', '1'],
  ]) {
    assert.throws(() => readArgs('run', options, run, words), refused(/^Put -- before the command/));
  }
  assert.deepEqual(readArgs('run', options, run, ['--port', '1', '--', 'sh', '-c', 'x']).operands, ['sh', '-c', 'x']);
});

test('names the nearest flag for one it does not know', () => {
  assert.throws(() => read('--prot', '1'), refused(/no flag --prot\. Did you mean --port\?/));
  assert.throws(() => read('--zzzzzzzz'), refused(/no flag --zzzzzzzz\. See/));
  assert.throws(() => read('-x'), refused(/no flag -x/));
  assert.throws(() => read('--constructor'), refused(/no flag --constructor/));
});

test('refuses values that are missing, out of place or out of range', () => {
  assert.throws(() => read('--port'), refused(/--port wants a value \(PORT\)/));
  assert.throws(() => read('--host', '--json'), refused(/--host wants a value/));
  assert.throws(() => read('--host='), refused(/--host wants a value/));
  assert.throws(() => read('--host', ''), refused(/--host wants a value/));
  assert.throws(() => read('--json=yes'), refused(/--json takes no value/));
  for (const bad of ['65536', '-1', '1.5', 'http', '', '0x10', '1e3']) {
    assert.throws(() => read(`--port=${bad}`), refused(/whole number from 0 to 65535/), bad);
  }
});

test('counts the operands', () => {
  assert.throws(() => read('one', 'two'), refused(/does not know what to do with "two"/));
  const demanding = { usage: 'FILE', min: 1, max: 1 };
  assert.throws(
    () => readArgs('config check', {}, demanding, []),
    refused(/`ridethrough config check` wants FILE\. See/),
  );
  const several = { usage: 'ID…', min: 1, max: 9 };
  assert.throws(() => readArgs('queue retry', {}, several, []), refused(/`ridethrough queue retry` wants ID\. See/));
});
