import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endToEnd, headerOf, withoutHeaders } from './headers.ts';

test('a header is found in any case, and the first of several counts', () => {
  const headers = ['Retry-After', '1', 'retry-after', '2', '__proto__', 'x'];
  assert.equal(headerOf(headers, 'retry-after'), '1');
  assert.equal(headerOf(headers, '__proto__'), 'x');
  assert.equal(headerOf(headers, 'constructor'), null);
  assert.equal(headerOf([], 'retry-after'), null);
});

test('what is kept keeps its order, case and multiplicity', () => {
  const headers = ['Set-Cookie', 'a', 'X-Drop', '1', 'set-cookie', 'b', 'x-drop', '2', '__proto__', 'c'];
  assert.deepEqual(withoutHeaders(headers, new Set(['x-drop'])), [
    'Set-Cookie',
    'a',
    'set-cookie',
    'b',
    '__proto__',
    'c',
  ]);
});

test('hop-by-hop headers go, and so does all that any connection header names', () => {
  const headers = [
    'Connection',
    'keep-alive, X-Hop ,',
    'connection',
    'x-other',
    'Keep-Alive',
    'timeout=5',
    'TE',
    'trailers',
    'Transfer-Encoding',
    'chunked',
    'Trailer',
    'x',
    'Upgrade',
    'h2c',
    'Proxy-Authorization',
    'Basic eA==',
    'Proxy-Authenticate',
    'Basic',
    'Proxy-Connection',
    'close',
    'Expect',
    '100-continue',
    'X-HOP',
    '1',
    'x-other',
    '2',
    'Content-Type',
    'application/json',
    'anthropic-beta',
    'a',
    'anthropic-beta',
    'b',
  ];
  assert.deepEqual(endToEnd(headers), [
    'Content-Type',
    'application/json',
    'anthropic-beta',
    'a',
    'anthropic-beta',
    'b',
  ]);
});
