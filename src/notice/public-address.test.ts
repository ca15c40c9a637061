import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPublicAddress } from './public-address.ts';

test('addresses of the Internet are public', () => {
  for (const address of ['1.1.1.1', '172.15.0.1', '172.32.0.1', '100.128.0.1', '223.255.255.255', '2606:4700::1111']) {
    assert.ok(isPublicAddress(address), address);
  }
});

test('this machine, private networks, metadata services and what is reserved are not, nor is what is no address', () => {
  const addresses =
    '0.0.0.0 10.0.0.1 100.64.0.1 127.0.0.1 127.9.9.9 169.254.169.254 172.16.0.1 172.31.255.255 192.168.1.1 192.0.0.8 198.18.0.1 224.0.0.1 255.255.255.255 ' +
    ':: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 fe80::1 fc00::1 fd00:ec2::254 ff02::1 64:ff9b::7f00:1 2002:7f00:1:: 2001::1 2001:db8::1 example.com 1.1.1';
  for (const address of addresses.split(' ')) assert.ok(!isPublicAddress(address), address);
  assert.ok(!isPublicAddress(''));
});
