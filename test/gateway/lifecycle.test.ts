import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { parseConfig } from '../../src/config/load.ts';
import type { Reply } from '../../src/core/call.ts';
import { wait } from '../../src/core/clock.ts';
import { RidethroughError } from '../../src/core/errors.ts';
import { drainMs } from '../../src/core/limits.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { type GatewayOptions, startGateway } from '../../src/gateway/server.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import {
  answerOk,
  dial,
  idleFlow,
  messagesRequest,
  openGateway,
  post,
  promised,
  readToClose,
  readUntil,
} from './harness.ts';

const engine: Engine = {
  handle: answerOk,
  drain: async () => {},
  gauges: { running: 0, waiting: 0 },
  routes: () => [],
};

async function refusal(
  context: TestContext,
  options: Partial<GatewayOptions>,
  yaml = '',
  env = {},
): Promise<RidethroughError> {
  const config = parseConfig(yaml, 'test.yaml', { env, upstream: null });
  const started = startGateway({ port: 0, config, createEngine: () => engine, ...options });
  const outcome = await started.catch((error: unknown) => error);
  if (outcome instanceof RidethroughError) return outcome;
  context.after(() => started.then((gateway) => gateway.close()));
  assert.fail('it was not refused');
}

test('a port in use is said in one sentence', async (context) => {
  const { gateway } = await openGateway(context);
  const error = await refusal(context, { port: gateway.port });
  assert.equal(error.code, 'port_in_use');
  assert.match(error.message, new RegExp(`^Port ${gateway.port} on 127\\.0\\.0\\.1 is in use: .*--port\\.$`));
  assert.equal((await fetch(`${gateway.url}/healthz`)).status, 200);
});

test('a host that is not of this machine is said in one sentence', async (context) => {
  const env = { RIDETHROUGH_TOKEN: 'a-token-long-enough' };
  for (const host of ['no-such-host.invalid', '192.0.2.1']) {
    const error = await refusal(context, { host }, '', env);
    assert.equal(error.code, 'invalid_usage', host);
    assert.ok(error.message.includes(host));
  }
});

test('off loopback it does not start without a token, and an admin token is none', async (context) => {
  for (const env of [{}, { RIDETHROUGH_ADMIN_TOKEN: 'boss-boss-boss-boss' }]) {
    const error = await refusal(context, { host: '0.0.0.0' }, '', env);
    assert.equal(error.code, 'unsafe_bind');
    assert.match(error.message, /set the environment variable RIDETHROUGH_TOKEN, or "tokens" in the configuration/);
  }
});

test('an upstream that is the gateway itself is refused, by any name, and the port is free again', async (context) => {
  const { gateway } = await openGateway(context);
  const { port } = gateway;
  await gateway.close();
  for (const url of [`http://127.0.0.1:${port}`, `http://localhost:${port}/prefix`]) {
    const error = await refusal(context, { port }, `upstreams: {me: {url: "${url}"}}`);
    assert.equal(error.code, 'invalid_config');
    assert.match(error.message, /The upstream "me" \(.*\) is this gateway itself/);
  }
  const wide = { port, host: '0.0.0.0' };
  const error = await refusal(context, wide, `upstream: http://127.0.0.1:${port}`, {
    RIDETHROUGH_TOKEN: 'a-token-long-enough',
  });
  assert.equal(error.code, 'invalid_config');
});

test('the address says where it listens', async (context) => {
  const { gateway } = await openGateway(context, { host: 'localhost' });
  assert.match(gateway.url, /^http:\/\/(127\.0\.0\.1|\[::1\]):\d+$/);
  assert.equal((await fetch(`${gateway.url}/readyz`)).status, 200);
});

test('drain: no new connections, running calls end whole, late requests get a retryable error', async (context) => {
  const running = promised<Reply>();
  const drained = promised<void>();
  const { gateway } = await openGateway(context, {
    serve: (_call, reply) => {
      running.resolve(reply);
      return idleFlow;
    },
    drain: () => drained.promise,
  });
  const stream = dial(gateway.port);
  const whole = readToClose(stream);
  stream.write(messagesRequest());
  const reply = await running.promise;
  reply.head(200, []);
  reply.write(Buffer.from('first'));
  // A connection with a request that is still arriving when the drain begins.
  const late = dial(gateway.port);
  const [head = '', body = ''] = messagesRequest().split('\r\n\r\n');
  late.write(`${head}\r\nexpect: 100-continue\r\n\r\n`);
  await readUntil(late, (text) => text.includes('100 Continue'));

  const closed = gateway.close();
  assert.equal(gateway.close(), closed);
  const refused = readUntil(late, (text) => text.endsWith('}'));
  late.write(body);
  assert.match(await refused, /^HTTP\/1\.1 529 [\s\S]*x-should-retry: true[\s\S]*retry-after: 1/);
  await assert.rejects(fetch(`${gateway.url}/healthz`));

  const tail = Buffer.alloc(3_000_000, 0x62);
  reply.write(tail);
  reply.end();
  drained.resolve();
  await closed;
  const text = await whole;
  assert.ok(text.endsWith('\r\n0\r\n\r\n'));
  assert.ok(text.includes(tail.toString()));
});

test('a reader that takes nothing does not make a drain longer than 30 s', { timeout: 30_000 }, async (context) => {
  const clock = new VirtualClock();
  const running = promised<void>();
  const { gateway } = await openGateway(context, {
    clock,
    serve: (_call, reply) => {
      reply.head(200, []);
      reply.write(Buffer.alloc(2 ** 26));
      void wait(clock, drainMs).then(() => reply.end());
      running.resolve();
      return idleFlow;
    },
    drain: async () => void (await wait(clock, drainMs)),
  });
  const reader = dial(gateway.port);
  reader.pause();
  reader.write(messagesRequest());
  await running.promise;
  const closed = gateway.close();
  await clock.advance(30_000);
  await closed;
});

test('a probe on an open connection learns of the drain; liveness stays', async (context) => {
  const drained = promised<void>();
  const running = promised<Reply>();
  const { gateway } = await openGateway(context, {
    serve: (_call, reply) => {
      running.resolve(reply);
      return idleFlow;
    },
    drain: () => drained.promise,
  });
  const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`;
  const socket = dial(gateway.port);
  // Pipelined behind a call that runs, so that the connection is not idle when the drain closes those.
  socket.write(get('/v1/models'));
  const reply = await running.promise;
  const closed = gateway.close();
  const answers = readUntil(socket, (text) => text.includes('draining\n') && text.includes('ok\n'));
  socket.write(get('/readyz') + get('/healthz'));
  reply.head(200, ['content-length', '0']);
  reply.end();
  assert.match(await answers, /HTTP\/1\.1 503 [\s\S]*draining\nHTTP\/1\.1 200 [\s\S]*ok\n/);
  drained.resolve();
  await closed;
});

test('a reload changes tokens, hosts and engine for the requests to come, and is refused as a whole', async (context) => {
  const used: string[] = [];
  const gateway = await startGateway({
    port: 0,
    config: parseConfig('', 'a.yaml', { env: {}, upstream: null }),
    createEngine: (config) => ({
      ...engine,
      handle(call, reply) {
        used.push(config.upstream.name);
        return answerOk(call, reply);
      },
    }),
  });
  context.after(() => gateway.close());
  const ask = async (origin?: string) =>
    (await fetch(`${gateway.url}/v1/messages`, post(origin ? { origin } : {}))).status;
  assert.equal(await ask('https://a.example'), 403);
  const yaml = 'origins: ["https://a.example"]\nupstream: b\nupstreams: {b: {url: "http://127.0.0.1:1"}}';
  await gateway.reload(parseConfig(yaml, 'b.yaml', { env: {}, upstream: null }));
  assert.equal(await ask('https://a.example'), 200);
  const loop = parseConfig(`upstream: ${gateway.url}`, 'c.yaml', { env: {}, upstream: null });
  await assert.rejects(gateway.reload(loop), /is this gateway itself/);
  assert.equal(await ask('https://a.example'), 200);
  assert.deepEqual(used, ['b', 'b']);
});

test('a kept connection outlives the pools of usual clients', async (context) => {
  const { gateway } = await openGateway(context);
  const socket = dial(gateway.port);
  socket.write(messagesRequest());
  const [, seconds] =
    /\r\nKeep-Alive: timeout=(\d+)\r\n/i.exec(await readUntil(socket, (text) => text.endsWith('}'))) ?? [];
  assert.ok(Number(seconds) >= 120);
});

test('metrics that cannot be made are an error of one request, not the end of the process', async (context) => {
  const gauges = {
    get running(): number {
      throw new Error('a bug');
    },
    waiting: 0,
  };
  const config = parseConfig('', 'test.yaml', { env: {}, upstream: null });
  const gateway = await startGateway({ port: 0, config, createEngine: () => ({ ...engine, gauges }) });
  context.after(() => gateway.close());
  const response = await fetch(`${gateway.url}/ridethrough/metrics`);
  assert.equal(response.status, 500);
  assert.match(await response.text(), /"api_error"/);
  assert.equal((await fetch(`${gateway.url}/healthz`)).status, 200);
});
