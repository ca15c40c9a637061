import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonAnswer, type OwnEndpoint } from '../../src/core/endpoint.ts';
import { plainFigure } from '../../src/core/figure.ts';
import { openGateway, post } from './harness.ts';

const echo = (path: string, admin: boolean, more: Partial<OwnEndpoint> = {}): OwnEndpoint => ({
  method: 'GET',
  path,
  admin,
  answer: (request) =>
    jsonAnswer({ path: request.path, query: request.query.get('q'), body: Buffer.from(request.body).toString() }),
  ...more,
});

const offLoopback = {
  host: '0.0.0.0',
  yaml: 'hosts: ["0.0.0.0"]',
  env: { RIDETHROUGH_TOKEN: 'a-data-token-0123456789', RIDETHROUGH_ADMIN_TOKEN: 'an-admin-token-0123456789' },
};

test('an endpoint is asked with its path and query, and one below a path too', async (context) => {
  const { gateway } = await openGateway(context, {
    endpoints: [echo('/ridethrough/calls', true), echo('/ridethrough/calls/*', true)],
  });
  const ask = async (path: string) => (await fetch(gateway.url + path)).json();
  assert.deepEqual(await ask('/ridethrough/calls?q=a%20b'), { path: '/ridethrough/calls', query: 'a b', body: '' });
  assert.deepEqual(await ask('/ridethrough/calls/x/y'), { path: '/ridethrough/calls/x/y', query: null, body: '' });
  assert.equal((await fetch(`${gateway.url}/ridethrough/other`)).status, 404);
  assert.equal((await fetch(`${gateway.url}/ridethrough/calls`, post())).status, 404, 'it takes no POST');
});

test('null is a 404, and what an endpoint throws is a 500 that says nothing of it', async (context) => {
  const { gateway } = await openGateway(context, {
    endpoints: [
      echo('/ridethrough/none', true, { answer: () => null }),
      echo('/ridethrough/bad', true, {
        answer: () => {
          throw new Error('secret detail');
        },
      }),
    ],
  });
  assert.equal((await fetch(`${gateway.url}/ridethrough/none`)).status, 404);
  const bad = await fetch(`${gateway.url}/ridethrough/bad`);
  assert.equal(bad.status, 500);
  assert.doesNotMatch(await bad.text(), /secret detail/);
});

test('an error of an endpoint of our own says whose it is', async (context) => {
  const { gateway } = await openGateway(context, {
    endpoints: [
      echo('/ridethrough/wrong', true, { answer: () => jsonAnswer({ type: 'error' }, 400) }),
      echo('/ridethrough/right', true),
    ],
  });
  const originOf = async (path: string) => (await fetch(gateway.url + path)).headers.get('ridethrough-origin');
  assert.equal(await originOf('/ridethrough/wrong'), 'gateway');
  assert.equal(await originOf('/ridethrough/right'), null);
});

test('a POST brings its body, and one that is too large is refused', async (context) => {
  const { gateway } = await openGateway(context, {
    endpoints: [echo('/ridethrough/hook/*', false, { method: 'POST', bodyBytesMax: 100 })],
  });
  const url = `${gateway.url}/ridethrough/hook/x`;
  const answer = await fetch(url, post({}, '{"a":1}'));
  assert.equal((await answer.json()).body, '{"a":1}');
  assert.equal((await fetch(url, post({}, 'x'.repeat(101)))).status, 413);
});

test('off loopback an admin token opens what is for administrators, and nobody else learns what there is', async (context) => {
  const endpoints = [echo('/ridethrough/calls', true), echo('/ridethrough/hook', false)];
  const { gateway } = await openGateway(context, { ...offLoopback, endpoints });
  const url = `http://127.0.0.1:${gateway.port}/ridethrough`;
  const statusFor = async (path: string, token: string | null) =>
    (await fetch(url + path, { headers: token === null ? {} : { authorization: `Bearer ${token}` } })).status;
  assert.equal(await statusFor('/calls', null), 401);
  assert.equal(await statusFor('/nothing', null), 401);
  assert.equal(await statusFor('/calls', offLoopback.env.RIDETHROUGH_TOKEN), 401);
  assert.equal(await statusFor('/calls', offLoopback.env.RIDETHROUGH_ADMIN_TOKEN), 200);
  assert.equal(await statusFor('/hook', null), 200);
});

test('the figures of other parts stand in the metrics', async (context) => {
  let written = 3;
  const { gateway } = await openGateway(context, {
    figures: [
      plainFigure('counter', 'ledger_rows_written_total', 'Rows.', () => written),
      {
        ...{ name: 'queue_items', help: 'Items.', kind: 'gauge', labels: ['state'] },
        read: () => [{ labels: { state: 'waiting' }, value: 7 }],
      },
    ],
  });
  const read = async () => (await fetch(`${gateway.url}/ridethrough/metrics`)).text();
  assert.match(await read(), /^ridethrough_ledger_rows_written_total 3$/m);
  written = 5;
  const text = await read();
  assert.match(text, /^ridethrough_ledger_rows_written_total 5$/m, 'it is read anew, not added up');
  assert.match(text, /^ridethrough_queue_items\{state="waiting"\} 7$/m);
});

test('a request that is refused unasked names what it wanted in vain', async (context) => {
  const { gateway } = await openGateway(context);
  const refused = await fetch(`${gateway.url}/v1/messages`, {
    method: 'POST',
    headers: { 'ridethrough-x': '1', 'ridethrough-deadline': 'soon' },
    body: '{}',
  });
  assert.equal(refused.status, 400);
  assert.equal(refused.headers.get('ridethrough-warning'), 'unknown header ridethrough-x');
});
