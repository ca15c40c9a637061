import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call } from '../../test/fixtures/failures.ts';
import { endpointOf } from '../wire/endpoints.ts';
import { upstreamRequest } from './upstream.ts';

const upstream = { name: 'other', origin: 'https://other', basePath: '/base', credential: null, models: new Map() };
const needed = [
  ['anthropic-version', '2023-06-01'],
  ['Anthropic-Beta', 'x'],
  ['content-type', 'application/json'],
  ['accept', '*/*'],
  ['user-agent', 'sdk'],
  ['x-stainless-lang', 'js'],
  ['traceparent', '00-1-2-01'],
  ['tracestate', 'a=b'],
].flat();
const secret = [
  ['Cookie', 'session=1'],
  ['cf-aig-authorization', 'Bearer t'],
  ['x-api-key-2', 'k'],
  ['x-anthropic-token', 't'],
  ['anthropic', 'x'],
].flat();

const sent = (foreign: boolean, more: Parameters<typeof call>[0] = {}) => {
  const asked = call({ headers: [...secret, ...needed], ...more });
  return upstreamRequest(asked, asked.headers, { upstream, credential: null, foreign }, null, false);
};

test('a cookie and the token of a proxy do not travel to another company', () => {
  assert.deepEqual(sent(true).headers, [...needed, 'accept-encoding', 'identity']);
});

test('the addressed upstream gets every header in the order it came', () => {
  assert.deepEqual(sent(false).headers, [...secret, ...needed, 'accept-encoding', 'identity']);
});

test('a stream is asked for uncoded, whatever the caller takes; what is passed on is asked for as the caller did', () => {
  const headers = ['Accept-Encoding', 'gzip, br'];
  const batches = endpointOf('POST', '/v1/messages/batches');
  for (const foreign of [true, false]) {
    assert.deepEqual(sent(foreign, { headers }).headers, ['accept-encoding', 'identity']);
    assert.deepEqual(sent(foreign, { headers, facts: null }).headers, ['accept-encoding', 'identity']);
    assert.deepEqual(sent(foreign, { headers, facts: null, endpoint: batches }).headers, headers);
  }
});
