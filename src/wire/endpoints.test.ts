import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpointOf, isApiPath } from './endpoints.ts';

const MiB = 2 ** 20;

test('every endpoint has its cap, its way of reading the body and its rule of replay', () => {
  const rows: [method: string, path: string, name: string, mib: number, buffered: boolean, replay: string][] = [
    ['POST', '/v1/messages', 'messages', 32, true, 'free'],
    ['POST', '/v1/messages?beta=true', 'messages', 32, true, 'free'],
    ['POST', '/v1/messages/', 'messages', 32, true, 'free'],
    ['POST', '/v1/messages/count_tokens', 'count_tokens', 32, true, 'free'],
    ['GET', '/v1/messages', 'other', 32, false, 'free'],
    ['POST', '/v1/messages/batches', 'batches', 256, false, 'unsent'],
    ['POST', '/v1/messages/batches/msgbatch_1/cancel', 'batches', 256, false, 'unsent'],
    ['GET', '/v1/messages/batches/msgbatch_1/results', 'batches', 256, false, 'free'],
    ['DELETE', '/v1/messages/batches/msgbatch_1', 'batches', 256, false, 'free'],
    ['POST', '/v1/files', 'files', 500, false, 'unsent'],
    ['GET', '/v1/files?limit=2', 'files', 500, false, 'free'],
    ['GET', '/v1/models/claude-opus-5-5', 'models', 32, false, 'free'],
    ['HEAD', '/api/hello', 'other', 32, false, 'free'],
    ['POST', '/v1/skills', 'other', 32, false, 'unsent'],
    ['PUT', '/v1/skills/a', 'other', 32, false, 'unsent'],
    ['PROPFIND', '/v1/messages', 'other', 32, false, 'unsent'],
  ];
  for (const [method, path, name, mib, buffered, replay] of rows) {
    assert.deepEqual(
      endpointOf(method, path),
      { name, bodyBytesMax: mib * MiB, buffered, replay },
      `${method} ${path}`,
    );
  }
});

test('no spelling of a path buys a larger cap or a freer replay than an unknown one has', () => {
  for (const path of [
    '/v1//files',
    '/v1/%66iles',
    '/v1/filesystem',
    '/v1/messages/batches2',
    '/v1/Messages',
    '/v1/messages;x=/v1/files',
  ]) {
    assert.deepEqual(
      endpointOf('POST', path),
      { name: 'other', bodyBytesMax: 32 * MiB, buffered: false, replay: 'unsent' },
      path,
    );
  }
});

test('paths of the API pass, with any query', () => {
  for (const path of [
    '/v1/messages',
    '/v1/messages?beta=true&x=/../%2f//',
    '/api/hello',
    '/api/hello?x',
    '/v1/files/f%20a',
    '/v1/x/',
  ]) {
    assert.equal(isApiPath(path), true, path);
  }
});

test('what two servers could read differently is refused', () => {
  const paths = [
    '',
    '/',
    '/v1',
    '/v2/messages',
    '/api/hello/x',
    '/ridethrough/metrics',
    'http://evil/v1/messages',
    '//evil/v1/x',
    '*',
    '/v1/../admin',
    '/v1/./messages',
    '/v1/messages/..',
    '/v1/%2e%2e/admin',
    '/v1/.%2E/x',
    '/v1/a%2fb',
    '/v1/a%5Cb',
    '/v1/a\\b',
    '/v1//messages',
    '/v1/a%252fb',
    '/v1/a%00',
    '/v1/a%0d%0a',
    '/v1/a%',
    '/v1/a%zz',
    '/v1/a#b',
    '/v1/a?b#c',
    '/v1/a b',
    '/v1/a\r\nx: y',
    '/v1/é',
  ];
  for (const path of paths) assert.equal(isApiPath(path), false, path);
});
