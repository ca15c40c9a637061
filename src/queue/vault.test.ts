import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { keyFileName, loadKey } from './key-file.ts';
import { Vault } from './vault.ts';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'ridethrough-key-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('the key is made once, for its owner alone, and nothing else is left beside it', (t) => {
  const data = folder(t);
  const key = loadKey(data);
  assert.equal(key.length, 32);
  assert.deepEqual(loadKey(data), key);
  assert.deepEqual(readdirSync(data), [keyFileName]);
  if (process.platform !== 'win32') assert.equal(statSync(join(data, keyFileName)).mode & 0o777, 0o600);
});

test('a file that is no key is not taken for one, nor written over', (t) => {
  const data = folder(t);
  writeFileSync(join(data, keyFileName), 'short\n');
  assert.throws(() => loadKey(data), { code: 'unreadable_file', message: /holds no key: put the right file back/ });
});

test('a folder without a place for the key is named', {
  skip: process.getuid?.() === 0 && 'root may write anywhere',
}, (t) => {
  const data = folder(t);
  chmodSync(data, 0o500);
  assert.throws(() => loadKey(data), { code: 'unreadable_file', message: /EACCES/ });
});

test('what is sealed opens in its place only, with its key only, and only unchanged', () => {
  const vault = new Vault(new Uint8Array(32).fill(1));
  const plain = Buffer.from('a prompt');
  const sealed = vault.seal('i1/request', plain);
  assert.deepEqual(Buffer.from(vault.open('i1/request', sealed)), plain);
  assert.ok(!Buffer.from(sealed).includes(plain));
  assert.notDeepEqual(vault.seal('i1/request', plain), sealed);
  assert.throws(() => vault.open('i2/request', sealed), /does not open/);
  assert.throws(() => vault.open('i1/result', sealed), /does not open/);
  assert.throws(() => new Vault(new Uint8Array(32)).open('i1/request', sealed), /does not open/);
  for (const at of [0, 1, 13, sealed.length - 1]) {
    const broken = Uint8Array.from(sealed);
    broken[at] = (broken[at] ?? 0) ^ 1;
    assert.throws(() => vault.open('i1/request', broken), /does not open/);
  }
});

test('names are stable under one key, and nothing under another', () => {
  const vault = new Vault(new Uint8Array(32).fill(1));
  assert.equal(vault.nameOf('sk'), vault.nameOf('sk'));
  assert.notEqual(vault.nameOf('sk'), vault.nameOf('sl'));
  assert.notEqual(vault.nameOf('sk'), new Vault(new Uint8Array(32)).nameOf('sk'));
});
