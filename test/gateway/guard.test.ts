import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Harness, messagesRequest, openGateway, raw } from './harness.ts';

const statusOf = (text: string) => Number(text.slice(9, 12));
const get = (target: string, headers: readonly string[]) =>
  `GET ${target} HTTP/1.1\r\n${[...headers, 'connection: close'].join('\r\n')}\r\n\r\n`;

async function statusFor({ gateway }: Harness, bytes: string): Promise<number> {
  return statusOf(await raw(gateway.port, bytes));
}

test('hosts: loopback names with any port and configured ones are served, all else is refused', async (context) => {
  const yaml = 'hosts: [gate.example.com, "other.example.com:8080"]';
  const harness = await openGateway(context, { yaml });
  const cases: readonly [host: string, status: number][] = [
    ['127.0.0.1', 200],
    [`127.0.0.1:${harness.gateway.port}`, 200],
    ['127.5.5.5:1', 200],
    ['localhost:4141', 200],
    ['LOCALHOST', 200],
    ['[::1]:4141', 200],
    ['gate.example.com', 200],
    ['Gate.Example.com:99', 200],
    ['other.example.com:8080', 200],
    ['other.example.com:8081', 403],
    ['other.example.com', 403],
    ['evil.example.com', 403],
    ['localhost.evil.example.com', 403],
    ['127.0.0.1.evil.example.com', 403],
    ['127.0.0.1@evil.example.com', 403],
    ['evil.example.com/127.0.0.1', 403],
    ['192.168.1.1', 403],
    ['', 403],
  ];
  for (const [host, status] of cases) {
    assert.equal(await statusFor(harness, get('/v1/models', [`host: ${host}`])), status, `host ${host}`);
  }
  assert.equal(harness.calls.length, cases.filter(([, status]) => status === 200).length);
});

test('two Host headers are refused, also when the first is good', async (context) => {
  const harness = await openGateway(context);
  const bytes = get('/v1/models', ['host: 127.0.0.1', 'host: evil.example.com']);
  assert.equal(await statusFor(harness, bytes), 400);
  assert.equal(harness.calls.length, 0);
});

test('a page of another origin is refused, null too; a configured origin is served', async (context) => {
  const harness = await openGateway(context, { yaml: 'origins: ["https://app.example.com"]' });
  for (const origin of [
    'https://evil.example.com',
    'null',
    'http://127.0.0.1',
    'https://app.example.com.evil.com',
    '',
  ]) {
    const text = await raw(harness.gateway.port, messagesRequest([`origin: ${origin}`, 'connection: close']));
    assert.equal(statusOf(text), 403, origin);
    assert.match(text, /add it to \\"origins\\" in the configuration/);
  }
  const good = messagesRequest(['origin: https://app.example.com', 'connection: close']);
  assert.equal(await statusFor(harness, good), 200);
  assert.equal(harness.calls.length, 1);
});

test('what is no API path, or could be read as another one, is not found', async (context) => {
  const harness = await openGateway(context);
  const targets = [
    '/',
    '/v2/messages',
    '/v1',
    '/v1/../ridethrough/metrics',
    '/v1/%2e%2e/admin',
    '/v1//messages',
    '/v1/messages%2fbatches',
    '/V1/messages',
    '/ridethrough',
    '/ridethrough/nothing',
    '/ridethrough/metrics/',
  ];
  for (const target of targets) {
    const text = await raw(harness.gateway.port, get(target, ['host: localhost']));
    assert.equal(statusOf(text), 404, target);
    assert.match(text, /"type":"not_found_error"/);
    assert.match(text, /ridethrough-origin: gateway/);
    assert.match(text, /x-should-retry: false/);
  }
  assert.equal(harness.calls.length, 0);
});

test('it is no forward proxy and does not switch protocols', async (context) => {
  const harness = await openGateway(context);
  const { port } = harness.gateway;
  const absolute = await raw(port, get('http://evil.example.com/v1/models', ['host: localhost']));
  assert.match(absolute, /^HTTP\/1\.1 400 [\s\S]*no forward proxy/);
  const connect = await raw(port, 'CONNECT evil.example.com:443 HTTP/1.1\r\nhost: evil.example.com:443\r\n\r\n');
  assert.match(connect, /^HTTP\/1\.1 400 [\s\S]*no forward proxy/);
  const upgrade = ['host: localhost', 'upgrade: websocket', 'sec-websocket-key: x'];
  assert.match(await raw(port, get('/v1/models', upgrade)), /^HTTP\/1\.1 400 [\s\S]*does not switch protocols/);
  assert.equal(await statusFor(harness, 'OPTIONS * HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n'), 400);
  assert.equal(
    await statusFor(harness, 'TRACE /v1/models HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n'),
    405,
  );
  assert.equal(harness.calls.length, 0);
});

test('an offer of h2c, which Java makes with every request, is ignored', async (context) => {
  const harness = await openGateway(context);
  const offer = ['host: localhost', 'connection: close, Upgrade, HTTP2-Settings', 'upgrade: h2c', 'http2-settings: AA'];
  const text = await raw(harness.gateway.port, `GET /v1/models HTTP/1.1\r\n${offer.join('\r\n')}\r\n\r\n`);
  assert.equal(statusOf(text), 200);
  assert.deepEqual(harness.calls[0]?.headers, []);
});

test('probes are free of Host, Origin and token', async (context) => {
  const harness = await openGateway(context, { host: '0.0.0.0', env: { RIDETHROUGH_TOKEN: 'data-token-long-enough' } });
  for (const path of ['/healthz', '/readyz?verbose']) {
    const bytes = get(path, ['host: 10.0.0.1:8080', 'origin: null']);
    assert.equal(await statusFor(harness, bytes), 200, path);
  }
  assert.equal(await statusFor(harness, get('/v1/models', ['host: 10.0.0.1:8080'])), 403);
});
