import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMisshapen, keyHeaders, keySetting, upstreamFromEnvironment } from './environment.ts';

test('an API key goes before a token, each in its own header', () => {
  const both = keySetting({ ANTHROPIC_API_KEY: 'key', ANTHROPIC_AUTH_TOKEN: 'token' });
  assert.deepEqual(both && keyHeaders(both), { 'x-api-key': 'key' });
  const token = keySetting({ ANTHROPIC_API_KEY: '', ANTHROPIC_AUTH_TOKEN: 'token' });
  assert.deepEqual(token && keyHeaders(token), { authorization: 'Bearer token' });
  assert.equal(keySetting({}), null);
});

test('a key that was copied badly is recognised, and not shown', () => {
  const misshapen = (value: string) => {
    const key = keySetting({ ANTHROPIC_API_KEY: value });
    assert.doesNotMatch(JSON.stringify(key), /sk-ant/);
    return key !== null && isMisshapen(key);
  };
  assert.equal(misshapen('sk-ant-api03-abc_DEF-123'), false);
  for (const bad of ['sk-ant-abc\n', '"sk-ant-abc"', 'sk-ant abc', 'sk-ant-äbc'])
    assert.equal(misshapen(bad), true, bad);
});

test('ANTHROPIC_BASE_URL is the upstream unless it is the gateway itself', () => {
  const upstream = (value: string) => upstreamFromEnvironment({ ANTHROPIC_BASE_URL: value }, 4141);
  assert.equal(upstream('https://claude.example.com/api'), 'https://claude.example.com/api');
  assert.equal(upstream('http://127.0.0.1:5000'), 'http://127.0.0.1:5000');
  for (const own of ['http://127.0.0.1:4141', 'http://localhost:4141/', 'http://[::1]:4141', '']) {
    assert.equal(upstream(own), null, own);
  }
});
