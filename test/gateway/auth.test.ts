import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { openGateway, post } from './harness.ts';

const env = {
  RIDETHROUGH_TOKEN: 'data-token-of-ours',
  RIDETHROUGH_ADMIN_TOKEN: 'admin-token-of-ours',
  TEAM: 'team-token-of-ours',
};
const yaml = 'tokens: {team: {env: TEAM}}';
const managed = `${yaml}\nupstreams: {anthropic: {url: "https://api.anthropic.com", key_env: OWN_KEY}}`;
/** A bind that is not loopback; it is reached by its loopback address all the same. */
const open = { host: '0.0.0.0', env, yaml };

test("on loopback no token is demanded, and the caller's credential goes on", async (context) => {
  const { gateway, calls } = await openGateway(context);
  await fetch(`${gateway.url}/v1/messages`, post({ 'x-api-key': 'sk-ant-api03-mine' }));
  await fetch(`${gateway.url}/v1/messages`, post({ authorization: 'Bearer sk-ant-oat01-login' }));
  await fetch(`${gateway.url}/v1/messages`, post({ 'x-api-key': 'a', authorization: 'bearer b' }));
  await fetch(`${gateway.url}/v1/messages`, post());
  const shown = calls.map(({ caller }) => [
    caller.token,
    caller.credential?.apiKey?.reveal(),
    caller.credential?.bearer?.reveal(),
    caller.credential?.oauth,
  ]);
  assert.deepEqual(shown, [
    [null, 'sk-ant-api03-mine', undefined, false],
    [null, undefined, 'sk-ant-oat01-login', true],
    [null, 'a', 'b', false],
    [null, undefined, undefined, undefined],
  ]);
});

test('a credential has one short id, prints as a secret, and is not among the headers', async (context) => {
  const { gateway, calls } = await openGateway(context);
  const key = 'sk-ant-api03-canary';
  await fetch(`${gateway.url}/v1/messages`, post({ 'x-api-key': key, 'anthropic-version': '2023-06-01' }));
  await fetch(`${gateway.url}/v1/messages`, post({ 'x-api-key': key }));
  await fetch(`${gateway.url}/v1/messages`, post({ 'x-api-key': `${key}2` }));
  const ids = calls.map(({ caller }) => caller.credential?.id);
  assert.match(ids[0] ?? '', /^[0-9a-f]{16}$/);
  assert.equal(ids[0], ids[1]);
  assert.notEqual(ids[0], ids[2]);
  assert.ok(!inspect(calls[0], { depth: 9, showHidden: true }).includes('canary'));
  assert.ok(calls[0]?.headers.includes('anthropic-version'));
});

test('a gateway token instead of a key: managed, and the token does not go upstream', async (context) => {
  const { gateway, calls } = await openGateway(context, { ...open, yaml: managed, env: { ...env, OWN_KEY: 'sk-own' } });
  const { port } = gateway;
  const url = `http://127.0.0.1:${port}/v1/messages`;
  await fetch(url, post({ 'x-api-key': 'data-token-of-ours' }));
  await fetch(url, post({ authorization: 'Bearer team-token-of-ours' }));
  await fetch(url, post({ 'ridethrough-token': 'team-token-of-ours' }));
  assert.deepEqual(
    calls.map(({ caller }) => caller),
    [
      { credential: null, token: 'RIDETHROUGH_TOKEN' },
      { credential: null, token: 'team' },
      { credential: null, token: 'team' },
    ],
  );
  assert.ok(calls.every((call) => !call.headers.some((value) => /token/.test(value))));
});

test('a gateway token alone, and no key for the upstream: the answer says how to send both', async (context) => {
  const { gateway, calls } = await openGateway(context, open);
  const url = `http://127.0.0.1:${gateway.port}/v1/messages`;
  const response = await fetch(url, post({ 'x-api-key': 'data-token-of-ours' }));
  assert.equal(response.status, 401);
  assert.match(await response.text(), /send the token as ridethrough-token beside your own key, or configure key_env/);
  assert.equal(calls.length, 0);
});

test('off loopback a key of your own wants a gateway token beside it', async (context) => {
  const { gateway, calls } = await openGateway(context, open);
  const url = `http://127.0.0.1:${gateway.port}/v1/messages`;
  const beside = await fetch(url, post({ 'x-api-key': 'sk-mine', 'ridethrough-token': 'data-token-of-ours' }));
  assert.equal(beside.status, 200);
  assert.equal(calls[0]?.caller.credential?.apiKey?.reveal(), 'sk-mine');
  assert.equal(calls[0]?.caller.token, null);
});

test('every wrong way to show a token gets the same 401', async (context) => {
  const { gateway, calls } = await openGateway(context, open);
  const url = `http://127.0.0.1:${gateway.port}/v1/messages`;
  const wrong: readonly Record<string, string>[] = [
    {},
    { 'x-api-key': 'sk-mine' },
    { 'x-api-key': 'data-token-of-our' },
    { 'x-api-key': 'data-token-of-ourss' },
    { 'x-api-key': 'DATA-TOKEN-OF-OURS' },
    { authorization: 'data-token-of-ours' },
    { authorization: 'Basic data-token-of-ours' },
    { authorization: 'Bearer ' },
    { 'ridethrough-token': 'wrong', 'x-api-key': 'sk-mine' },
    { 'ridethrough-token': 'wrong', 'x-api-key': 'data-token-of-ours' },
    { 'ridethrough-token': 'admin-token-of-ours', 'x-api-key': 'sk-mine' },
    { 'x-api-key': 'admin-token-of-ours' },
  ];
  const bodies = new Set<string>();
  for (const headers of wrong) {
    const response = await fetch(url, post(headers));
    assert.equal(response.status, 401, JSON.stringify(headers));
    assert.equal(response.headers.get('x-should-retry'), 'false');
    bodies.add((await response.text()).replace(/"request_id":"\w+"/, ''));
  }
  assert.equal(bodies.size, 1);
  assert.match([...bodies][0] ?? '', /as ridethrough-token beside your own key, or, where the upstream has a key_env,/);
  assert.equal(calls.length, 0);
});

test('on loopback a shown ridethrough-token must be right if there are tokens, and is ignored if there are none', async (context) => {
  const tokens = await openGateway(context, { env, yaml });
  const none = await openGateway(context);
  const wrong = post({ 'x-api-key': 'sk-mine', 'ridethrough-token': 'wrong' });
  assert.equal((await fetch(`${tokens.gateway.url}/v1/messages`, wrong)).status, 401);
  assert.equal((await fetch(`${none.gateway.url}/v1/messages`, wrong)).status, 200);
  assert.equal((await fetch(`${tokens.gateway.url}/v1/messages`, post({ 'x-api-key': 'sk-mine' }))).status, 200);
});

test('an admin token never goes upstream, on loopback neither', async (context) => {
  const { gateway, calls } = await openGateway(context, { env });
  for (const headers of [{ 'x-api-key': 'admin-token-of-ours' }, { authorization: 'Bearer admin-token-of-ours' }]) {
    assert.equal((await fetch(`${gateway.url}/v1/messages`, post(headers))).status, 401);
  }
  assert.equal(calls.length, 0);
});

test('metrics want an admin token off loopback; a data token does not open them', async (context) => {
  const { gateway } = await openGateway(context, open);
  const url = `http://127.0.0.1:${gateway.port}/ridethrough/metrics`;
  const status = async (headers: Record<string, string>) => (await fetch(url, { headers })).status;
  assert.equal(await status({}), 401);
  assert.equal(await status({ authorization: 'Bearer data-token-of-ours' }), 401);
  assert.equal(await status({ 'ridethrough-token': 'team-token-of-ours' }), 401);
  assert.equal(await status({ authorization: 'Bearer admin-token-of-ours' }), 200);
  assert.equal(await status({ 'ridethrough-token': 'admin-token-of-ours' }), 200);
});

test('metrics are open on loopback and are Prometheus text', async (context) => {
  const { gateway } = await openGateway(context, { env });
  const response = await fetch(`${gateway.url}/ridethrough/metrics`);
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  assert.match(await response.text(), /^# HELP ridethrough_/);
});

test('a thousand callers and one: the cache of callers does not mix them up', async (context) => {
  const { gateway, calls } = await openGateway(context);
  const keys = Array.from({ length: 1100 }, (_, index) => `key-${index % 1050}`);
  for (const key of keys) await fetch(`${gateway.url}/v1/models`, { headers: { 'x-api-key': key } });
  assert.deepEqual(
    calls.map(({ caller }) => caller.credential?.apiKey?.reveal()),
    keys,
  );
});
