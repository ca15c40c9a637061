import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopback } from './loopback.ts';

test('loopback is 127.0.0.0/8, ::1 and localhost, however written', () => {
  const addresses = ['127.0.0.1', '127.255.0.9', '::1', '[::1]', '::ffff:127.0.0.1', '::FFFF:127.0.0.1'];
  for (const host of [...addresses, 'localhost', 'LocalHost']) assert.equal(isLoopback(host), true, host);
});

test('what only looks like loopback is not', () => {
  const addresses = ['0.0.0.0', '::', '10.0.0.1', '128.0.0.1', '127.1', '127.0.0.256', '127.0.0.01', '::1:1', ''];
  for (const host of [...addresses, '127.0.0.1.example.com', '127.example.com', 'localhost.example.com', 'localhost\n'])
    assert.equal(isLoopback(host), false, host);
});
