import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { expectedAnswer, startSimulator } from '../../src/faults/index.ts';
import { ridethrough } from '../../src/index.ts';
import { messagesBody, openUpstream, post } from './http-upstream.ts';
import { ride, simulate, soon } from './stage.ts';

test('a failure that passes is not seen; the headers say what was done', async (context) => {
  const simulator = await simulate(context);
  simulator.next('overloaded', 2);
  const response = await ride(context).fetch(new URL(`${simulator.url}/v1/messages`), post());
  assert.ok(response instanceof Response);
  assert.deepEqual([response.status, response.statusText], [200, 'OK']);
  assert.deepEqual(await response.json(), expectedAnswer(messagesBody()));
  const header = (name: string) => response.headers.get(name);
  assert.deepEqual([header('ridethrough-attempts'), header('ridethrough-recovered')], ['3', 'retry']);
  assert.equal(header('ridethrough-route'), `${new URL(simulator.url).host}/claude-opus-5-5`);
  assert.equal(header('request-id'), simulator.attempts.at(-1)?.requestId);
});

test('an upstream that cannot be reached is a 502 in the envelope, not an exception', async (context) => {
  const simulator = await startSimulator();
  const { url } = simulator;
  await simulator.close();
  const { fetch } = ride(context, { retry: { max: 0 } });
  const headers = { 'ridethrough-deadline': '0.05' };
  const response = await fetch(`${url}/v1/messages`, post(messagesBody(), { headers }));
  assert.equal(response.status, 502);
  assert.equal(response.headers.get('ridethrough-origin'), 'gateway');
  const { error } = (await response.json()) as { error: { type: string; details: { error_code: string } } };
  assert.deepEqual([error.type, error.details.error_code], ['api_error', 'ECONNREFUSED']);
});

test('the wishes of the ridethrough headers are heard, and do not go upstream', async (context) => {
  const simulator = await simulate(context);
  const { fetch } = ride(context);
  const headers = { 'ridethrough-priority': 'critical', 'ridethrough-colour': 'red' };
  const response = await fetch(`${simulator.url}/v1/messages`, post(messagesBody(), { headers }));
  assert.match(response.headers.get('ridethrough-warning') ?? '', /ridethrough-colour/);
  assert.doesNotMatch(simulator.attempts[0]?.headers.join(' ') ?? '', /ridethrough/);
  const wrong = { 'ridethrough-deadline': 'tomorrow' };
  const refused = await fetch(`${simulator.url}/v1/messages`, post(messagesBody(), { headers: wrong }));
  assert.equal(refused.status, 400);
  assert.match(await refused.text(), /ridethrough-deadline: Expected a number of seconds/);
  assert.equal(simulator.count(), 1);
});

test('a body over the limit is refused without being sent', async (context) => {
  const simulator = await simulate(context);
  const body = messagesBody({ system: 'x'.repeat(32 * 2 ** 20) });
  const response = await ride(context).fetch(`${simulator.url}/v1/messages`, post(body));
  assert.equal(response.status, 413);
  assert.match(await response.text(), /request_too_large/);
  assert.equal(simulator.count(), 0);
});

test('a request that the door itself refuses has an id, like every other answer', async (context) => {
  const { url } = await simulate(context);
  const headers = { 'ridethrough-x': '1' };
  const response = await ride(context).fetch(`${url}/v1/messages`, { method: 'POST', headers, body: '{' });
  assert.equal(response.status, 400);
  assert.equal(response.headers.get('ridethrough-warning'), 'unknown header ridethrough-x');
  assert.equal(response.headers.get('ridethrough-id'), JSON.parse(await response.text()).request_id);
});

test('what is no call to a Claude API goes to the platform as it is', async (context) => {
  const seen: string[] = [];
  const url = await openUpstream(context, (request, response) => {
    seen.push(`${request.url} ${request.headers['ridethrough-key'] ?? ''} ${request.headers.authorization ?? ''}`);
    response.end('here');
  });
  const { fetch } = ride(context);
  const headers = { 'ridethrough-key': 'a' };
  assert.equal(await (await fetch(`${url}/other`, { headers })).text(), 'here');
  const signed = { authorization: 'AWS4-HMAC-SHA256 Credential=x' };
  assert.equal(await (await fetch(`${url}/v1/messages`, post(messagesBody(), { headers: signed }))).text(), 'here');
  assert.equal(await (await fetch('data:text/plain,there')).text(), 'there');
  assert.deepEqual(seen, ['/other a ', '/v1/messages  AWS4-HMAC-SHA256 Credential=x']);
  await assert.rejects(fetch('/v1/messages'), TypeError);
});

test('ours may stand in the place of the global fetch', async (context) => {
  const url = await openUpstream(context, (_request, response) => void response.end('here'));
  const { fetch: platform } = globalThis;
  context.after(() => {
    globalThis.fetch = platform;
  });
  globalThis.fetch = ride(context).fetch;
  assert.equal(await (await fetch(`${url}/other`)).text(), 'here');
});

test('a base path before /v1/ is kept', async (context) => {
  const paths: (string | undefined)[] = [];
  const url = await openUpstream(context, (request, response) => {
    paths.push(request.url);
    response.end('{}');
  });
  await ride(context).fetch(`${url}/claude/eu/v1/models?limit=2`, { headers: { 'x-api-key': 'k' } });
  assert.deepEqual(paths, ['/claude/eu/v1/models?limit=2']);
});

test('both forms of credential arrive as they were sent, and none is invented', async (context) => {
  const shown: unknown[] = [];
  const url = await openUpstream(context, ({ headers }, response) => {
    shown.push([headers['x-api-key'], headers.authorization]);
    response.end('{}');
  });
  const { fetch } = ride(context);
  for (const headers of [
    { 'x-api-key': 'k' },
    { authorization: 'Bearer t' },
    { 'x-api-key': 'k', authorization: 'Bearer t' },
    {},
  ]) {
    await fetch(`${url}/v1/models`, { headers: headers as Record<string, string> });
  }
  assert.deepEqual(shown, [
    ['k', undefined],
    [undefined, 'Bearer t'],
    ['k', 'Bearer t'],
    [undefined, undefined],
  ]);
});

test('an upload arrives whole, in every form', async (context) => {
  const simulator = await simulate(context);
  const { fetch } = ride(context);
  const form = new FormData();
  form.set('file', new File(['x'.repeat(100_000)], 'a.txt', { type: 'text/plain' }));
  const headers = { 'x-api-key': 'k' };
  const whole = await fetch(`${simulator.url}/v1/files`, { method: 'POST', headers, body: form });
  assert.partialDeepStrictEqual(await whole.json(), { filename: 'a.txt', size_bytes: 100_000 });
  const request = new Request(`${simulator.url}/v1/files`, { method: 'POST', headers, body: form });
  const streamed = await fetch(request);
  assert.partialDeepStrictEqual(await streamed.json(), { filename: 'a.txt', size_bytes: 100_000 });
  const sent = simulator.attempts.map((attempt) => attempt.headers.join(' ').toLowerCase());
  assert.match(sent[0] ?? '', /content-length \d{6}/);
  assert.match(sent[1] ?? '', /transfer-encoding chunked/);
});

test('an upload is not sent twice once its bytes may have left', async (context) => {
  const simulator = await simulate(context);
  simulator.next('reset-before-head');
  const init = post(JSON.stringify({ requests: [] }));
  const response = await ride(context).fetch(`${simulator.url}/v1/messages/batches`, init);
  assert.equal(response.status, 502);
  assert.equal(simulator.count(), 1);
});

test('identity is asked for on every path, and a redirect is returned as it is', async (context) => {
  const codings: unknown[] = [];
  const url = await openUpstream(context, ({ headers, url: path }, response) => {
    codings.push(headers['accept-encoding']);
    if (path === '/v1/gone') response.writeHead(307, { location: '/v1/there' });
    response.end('{}');
  });
  const { fetch } = ride(context);
  const headers = { 'accept-encoding': 'gzip, br' };
  await fetch(`${url}/v1/models`, { headers });
  const moved = await fetch(`${url}/v1/gone`, { headers });
  assert.deepEqual([moved.status, moved.headers.get('location')], [307, '/v1/there']);
  await fetch(`${url}/v1/messages`, post('{}', { headers }));
  assert.deepEqual(codings, ['identity', 'identity']);
});

test('a message that comes compressed although nobody asked for it can be read', async (context) => {
  const url = await openUpstream(context, (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
    response.end(gzipSync('{"type":"message"}'));
  });
  const response = await ride(context).fetch(`${url}/v1/messages`, post());
  assert.deepEqual(await response.json(), { type: 'message' });
  assert.equal(response.headers.get('content-encoding'), null);
});

test('a model falls back to another upstream, with the key of that upstream only', async (context) => {
  const spare = await simulate(context);
  const main = await simulate(context);
  main.setScenario({ outages: [{ model: null, fromMs: 0, toMs: null, fault: 'overloaded' }] });
  const { fetch } = ride(context, {
    retry: { ...soon.retry, fallback_after: 2 },
    upstreams: { spare: { url: spare.url, key: 'sk-spare', auth: 'bearer' } },
    fallback: { 'claude-opus-5-5': ['spare/claude-sonnet-5'] },
  });
  const response = await fetch(`${main.url}/v1/messages`, post());
  assert.deepEqual(await response.json(), expectedAnswer(messagesBody({ model: 'claude-sonnet-5' })));
  assert.equal(response.headers.get('ridethrough-route'), 'spare/claude-sonnet-5');
  assert.equal(response.headers.get('ridethrough-recovered'), 'retry,fallback');
  const sent = spare.attempts[0]?.headers.join(' ') ?? '';
  assert.match(sent, /authorization Bearer sk-spare/);
  assert.doesNotMatch(sent, /sk-ant-test/);
});

test('calls to one upstream share what is known about it, calls to two do not', async (context) => {
  const down = await simulate(context);
  const up = await simulate(context);
  down.setScenario({ outages: [{ model: null, fromMs: 0, toMs: null, fault: 'overloaded' }] });
  const states: string[] = [];
  const { fetch } = ride(context, {
    ...soon,
    observer: { breaker: ({ route, state }) => states.push(`${route} ${state}`) },
  });
  const headers = { 'ridethrough-deadline': '0.2' };
  const ask = (url: string) => fetch(`${url}/v1/messages`, post(messagesBody(), { headers }));
  const failed = await Promise.all(Array.from({ length: 4 }, () => ask(down.url)));
  assert.deepEqual(new Set(failed.map((response) => response.status)), new Set([529]));
  const before = down.count();
  assert.equal((await ask(down.url)).status, 529);
  assert.equal(down.count(), before);
  assert.equal((await ask(up.url)).status, 200);
  assert.deepEqual(states, [`${new URL(down.url).host}/claude-opus-5-5 open`]);
});

test('close lets a running call end, and then takes no more', async (context) => {
  const { promise: arrived, resolve } = Promise.withResolvers<ServerResponse>();
  let requests = 0;
  const url = await openUpstream(context, (_request, response) => {
    requests++;
    resolve(response);
  });
  const { fetch, close } = ridethrough();
  const answer = fetch(`${url}/v1/messages`, post());
  const response = await arrived;
  const closed = close();
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"type":"message"}');
  assert.equal((await answer).status, 200);
  await closed;
  for (const path of ['/v1/messages', '/another/v1/messages']) {
    assert.equal((await fetch(url + path, post())).status, 529);
  }
  assert.equal(requests, 1);
});
