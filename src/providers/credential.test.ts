import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { bearerOf, createCredential } from './credential.ts';

test('a credential is known by a hash that tells keys, headers and processes apart', () => {
  const ids = [
    createCredential('a', null, 'salt'),
    createCredential('b', null, 'salt'),
    createCredential(null, 'a', 'salt'),
    createCredential('a', 'a', 'salt'),
    createCredential('a', null, 'other'),
  ].map((credential) => credential?.id);
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(createCredential('a', null, 'salt')?.id, ids[0]);
  for (const id of ids) assert.match(id ?? '', /^[0-9a-f]{16}$/);
});

test('nothing shown is no credential, and an OAuth token is known by how it begins', () => {
  assert.equal(createCredential(null, null, 'salt'), null);
  assert.equal(createCredential(null, 'sk-ant-oat01-x', 'salt')?.oauth, true);
  assert.equal(createCredential(null, 'sk-ant-api03-x', 'salt')?.oauth, false);
});

test('a credential does not print its values', () => {
  const credential = createCredential('key-of-mine', 'token-of-mine', 'salt');
  assert.doesNotMatch(inspect(credential) + JSON.stringify(credential), /of-mine/);
  assert.equal(credential?.bearer?.reveal(), 'token-of-mine');
});

test('a bearer token is what follows the scheme, in any case; other schemes have none', () => {
  assert.equal(bearerOf('Bearer abc'), 'abc');
  assert.equal(bearerOf('bearer  abc'), 'abc');
  for (const other of [null, '', 'Bearer', 'Bearer ', 'Basic abc', 'Bearerabc']) assert.equal(bearerOf(other), null);
});
