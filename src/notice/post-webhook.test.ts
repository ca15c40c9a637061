import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { Webhook as Verifier } from 'standardwebhooks';
import { systemClock } from '../core/clock.ts';
import { Secret } from '../core/secret.ts';
import { VirtualClock } from '../testing/index.ts';
import { postWebhook, type Webhook, WebhookError } from './post-webhook.ts';

const whsec = `whsec_${Buffer.from('a key of thirty-two bytes length').toString('base64')}`;
const webhook = (url: string, extra: Partial<Webhook> = {}): Webhook => ({
  ...{ url: new Secret(url), id: 'evt_1', body: '{"type":"test"}', secret: null, allowPrivate: true },
  ...extra,
});

async function serve(context: TestContext, answer: RequestListener = (_request, response) => response.end()) {
  const came: { headers: IncomingHttpHeaders; method: string | undefined; body: string }[] = [];
  const server = createServer(async (request, response) => {
    came.push({ headers: request.headers, method: request.method, body: await text(request) });
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { came, port: (server.address() as AddressInfo).port };
}

test('a webhook is a POST of JSON, signed so that the makers of the standard believe it', async (context) => {
  const { came, port } = await serve(context);
  const sent = webhook(`http://127.0.0.1:${port}/hook?a=b`, { secret: new Secret(whsec) });
  assert.deepEqual(await postWebhook(sent, systemClock), { status: 200, waitMs: 0 });
  assert.equal(came[0]?.method, 'POST');
  assert.equal(came[0]?.headers['content-type'], 'application/json');
  const headers = Object.fromEntries(
    Object.entries(came[0]?.headers ?? {}).map(([name, value]) => [name, String(value)]),
  );
  assert.deepEqual(new Verifier(whsec).verify(came[0]?.body ?? '', headers), { type: 'test' });
  assert.throws(() => new Verifier(whsec).verify('{"type":"tampered"}', headers));
});

test('redirects are not followed, and what is answered is told', async (context) => {
  const target = await serve(context);
  const { port } = await serve(context, (_request, response) =>
    response.writeHead(307, { location: `http://127.0.0.1:${target.port}/` }).end(),
  );
  assert.equal((await postWebhook(webhook(`http://127.0.0.1:${port}`), systemClock)).status, 307);
  assert.equal(target.came.length, 0);
  const busy = await serve(context, (_request, response) => response.writeHead(429, { 'retry-after': '30' }).end());
  assert.deepEqual(await postWebhook(webhook(`http://127.0.0.1:${busy.port}`), systemClock), {
    status: 429,
    waitMs: 30_000,
  });
});

test('private addresses are refused, by number and by name, before a byte goes there', async (context) => {
  const { came, port } = await serve(context);
  const hosts = [
    '127.0.0.1',
    'localhost',
    '[::1]',
    '0x7f.1',
    '2130706433',
    '0.0.0.0',
    '[::ffff:127.0.0.1]',
    '169.254.169.254',
  ];
  for (const host of hosts) {
    await assert.rejects(
      postWebhook(webhook(`http://${host}:${port}/`, { allowPrivate: false }), systemClock),
      (error: WebhookError) => {
        assert.ok(error instanceof WebhookError, host);
        assert.match(error.message, /private network/);
        assert.equal(error.permanent, true);
        return true;
      },
    );
  }
  assert.equal(came.length, 0);
});

test('a receiver that says nothing is left in time', async (context) => {
  const clock = new VirtualClock();
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const { port } = await serve(context, () => resolve());
  const posted = postWebhook(webhook(`http://127.0.0.1:${port}`), clock);
  const refused = assert.rejects(posted, /did not answer within 15 s/);
  await asked;
  await clock.advance(15_000);
  await refused;
  assert.equal(clock.pendingTimers, 0);
});

test('a receiver that is not there is told without its address', async (context) => {
  const { port } = await serve(context, ({ socket }) => socket.resetAndDestroy());
  await assert.rejects(
    postWebhook(webhook(`http://127.0.0.1:${port}/services/T0/B0/secret`), systemClock),
    (error: Error) => {
      assert.match(error.message, /^it was not reached \((ECONNRESET|UND_ERR_SOCKET)\)$/);
      return true;
    },
  );
});

test('what answers with anything but HTTP is told as such, and never as undefined', async (context) => {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end('Hello, this is no HTTP.\r\n'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  const sent = postWebhook(webhook(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), systemClock);
  await assert.rejects(sent, (error: WebhookError) => !error.message.includes('undefined'));
});
