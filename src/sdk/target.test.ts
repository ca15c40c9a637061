import assert from 'node:assert/strict';
import { test } from 'node:test';
import { targetOf } from './target.ts';

test('a URL is split into origin, base path and what is asked', () => {
  assert.deepEqual(targetOf('https://api.anthropic.com/v1/messages?beta=true'), {
    origin: 'https://api.anthropic.com',
    basePath: '',
    path: '/v1/messages?beta=true',
  });
  assert.deepEqual(targetOf('http://127.0.0.1:8080/v1/proxy/anthropic/v1/models#top'), {
    origin: 'http://127.0.0.1:8080',
    basePath: '/v1/proxy/anthropic',
    path: '/v1/models',
  });
});

test('what is no call to a Claude API is not ours', () => {
  const others = [
    'https://example.com/',
    'https://example.com/v1',
    'https://example.com/v1//messages',
    'https://example.com/v1/files%2f..%2fx',
    'https://user:password@example.com/v1/messages',
    'data:text/plain,/v1/messages',
    '/v1/messages',
    'no URL',
  ];
  for (const url of others) assert.equal(targetOf(url), null, url);
});
