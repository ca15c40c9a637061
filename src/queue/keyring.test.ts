import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Caller } from '../core/call.ts';
import { createCredential } from '../providers/credential.ts';
import { Keyring } from './keyring.ts';
import { Vault } from './vault.ts';

const vault = new Vault(new Uint8Array(32).fill(1));
const caller = (key: string | null, token: string | null = null, salt = 'salt'): Caller => ({
  ...{ credential: createCredential(key, null, salt), token },
});

test('a key of the caller names its work the same after a restart, and is not in the name', () => {
  const before = new Keyring(vault).identify(caller('sk-ant-1', null, 'one'));
  const after = new Keyring(vault).identify(caller('sk-ant-1', null, 'two'));
  assert.deepEqual(before, after);
  assert.match(before.scope, /^caller:[0-9a-f]{32}$/);
  assert.equal(before.credential, before.scope);
  assert.notEqual(new Keyring(vault).identify(caller('sk-ant-2')).scope, before.scope);
});

test('the same key as x-api-key and as a bearer is one caller: what curl queued, the SDK reads', () => {
  const keyring = new Keyring(vault);
  const withBearer = (key: string | null, bearer: string): Caller => ({
    ...{ credential: createCredential(key, bearer, 'salt'), token: null },
  });
  assert.deepEqual(keyring.identify(withBearer(null, 'sk-ant-1')), keyring.identify(caller('sk-ant-1')));
  assert.notEqual(keyring.identify(withBearer('sk-ant-1', 'other')).scope, keyring.identify(caller('sk-ant-1')).scope);
  assert.notEqual(keyring.identify(withBearer('a', 'b')).scope, keyring.identify(withBearer('b', 'a')).scope);
});

test('work under a key of the caller waits after a restart until that key calls again', () => {
  const keyring = new Keyring(vault);
  const me = caller('sk-ant-1');
  const mine = keyring.identify(me);
  assert.equal(keyring.callerFor(mine), null);
  assert.equal(keyring.remember(caller('sk-ant-2')), true);
  assert.equal(keyring.callerFor(mine), null);
  assert.equal(keyring.remember(me), true);
  assert.equal(keyring.remember(me), false);
  assert.deepEqual(keyring.callerFor(mine), { ...me, token: null });
});

test('work under a gateway token is sent with the own key, while both are configured', () => {
  const keyring = new Keyring(vault);
  keyring.doors = { keyEnv: 'TEAM_KEY', tokens: new Set(['team']) };
  const team = keyring.identify(caller(null, 'team'));
  assert.deepEqual(team, { scope: 'token:team', credential: 'env:TEAM_KEY' });
  assert.deepEqual(keyring.callerFor(team), { credential: null, token: 'team' });
  keyring.doors = { keyEnv: 'TEAM_KEY', tokens: new Set() };
  assert.equal(keyring.callerFor(team), null, 'its token is gone');
  keyring.doors = { keyEnv: 'OTHER_KEY', tokens: new Set(['team']) };
  assert.equal(keyring.callerFor(team), null, 'the upstream has another key');
});

test('who showed nothing has work of its own', () => {
  const keyring = new Keyring(vault);
  assert.deepEqual(keyring.identify(caller(null)), { scope: 'local', credential: 'none' });
});
