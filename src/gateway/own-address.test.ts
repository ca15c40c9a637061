import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOwnAddress } from './own-address.ts';

test('an address is our own by address and port, by name too, and under a bind to all addresses', async () => {
  const bound = { address: '127.0.0.1', port: 4141 };
  const all = { address: '0.0.0.0', port: 4141 };
  assert.equal(await isOwnAddress('http://127.0.0.1:4141/x', bound), true);
  assert.equal(await isOwnAddress('http://localhost:4141', bound), true);
  assert.equal(await isOwnAddress('https://127.0.0.1:4141', all), true);
  assert.equal(await isOwnAddress('http://[::1]:4141', { address: '::', port: 4141 }), true);
  assert.equal(await isOwnAddress('http://127.0.0.1:4142', bound), false);
  assert.equal(await isOwnAddress('http://127.0.0.2:4141', bound), false);
  assert.equal(await isOwnAddress('http://no-such-host.invalid:4141', bound), false);
  assert.equal(await isOwnAddress('http://127.0.0.1', { address: '127.0.0.1', port: 80 }), true);
});
