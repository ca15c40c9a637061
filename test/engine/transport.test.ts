import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { suite, type TestContext, test } from 'node:test';
import type { Exchange, ExchangeHandler } from '../../src/core/transport.ts';
import { undiciTransport } from '../../src/engine/transport.ts';

/** So little that it comes together with the end of the connection. */
const body = 'a'.repeat(4096);
const plain = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n';
/** Heads after which a connection is not used again. */
const closeIsLength = 'the connection is the length';
const heads = {
  [closeIsLength]: `${plain}connection: close\r\n\r\n`,
  'a length, and closed': `${plain}connection: close\r\ncontent-length: ${body.length}\r\n\r\n`,
  'HTTP/1.0': `HTTP/1.0 200 OK\r\ncontent-length: ${body.length}\r\n\r\n`,
} as const;

/** That of Node 22 takes a reset for an orderly end where it comes together with data. */
const readsResetAsEnd = /^1\.(?:\d|[1-4]\d|5[01])\./.test(process.versions.uv);

/** Asks an upstream that plays `play`, and pauses the answer at its first byte. */
async function pausedExchange(t: TestContext, play: (socket: Socket, paused: Promise<void>) => unknown) {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => play(socket, paused.promise));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const transport = undiciTransport({ connect: 5 });
  t.after(async () => {
    await transport.close();
    server.close();
  });
  const paused = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<'whole' | 'failed'>();
  let bytes = 0;
  const handler: ExchangeHandler = {
    started() {},
    head() {},
    data(chunk) {
      if (bytes === 0) {
        exchange.pause();
        paused.resolve();
      }
      bytes += chunk.length;
    },
    end: () => ended.resolve('whole'),
    failed: () => ended.resolve('failed'),
  };
  const { port } = server.address() as AddressInfo;
  const request = {
    origin: `http://127.0.0.1:${port}`,
    path: '/',
    method: 'GET',
    headers: [],
    body: null,
    fresh: false,
  };
  const exchange: Exchange = transport(request, handler);
  await paused.promise;
  return { exchange, ended: ended.promise, bytes: () => bytes };
}

suite('an upstream that closes while its answer is paused ends the answer, and not the process', () => {
  for (const [name, head] of Object.entries(heads)) {
    test(`${name}; read on at once`, async (t) => {
      const { exchange, ended, bytes } = await pausedExchange(t, (socket) => socket.end(head + body));
      exchange.resume();
      assert.equal(await ended, 'whole');
      assert.equal(bytes(), body.length);
    });

    test(`${name}; read on never`, async (t) => {
      const { ended, bytes } = await pausedExchange(t, (socket) => socket.end(head + body));
      assert.equal(await ended, 'whole');
      assert.equal(bytes(), body.length);
    });

    const skip = name === closeIsLength && readsResetAsEnd && 'libuv before 1.52 tells no such reset from an end';
    test(`${name}; reset`, { skip }, async (t) => {
      const { ended } = await pausedExchange(t, async (socket, paused) => {
        socket.write(head + body.slice(2));
        await paused;
        // What comes now finds the exchange paused.
        socket.write('a', () => socket.resetAndDestroy());
      });
      assert.equal(await ended, 'failed');
    });
  }
});

test('an aborted exchange ends its connection, and opens no other for a request that nobody waits for', async (t) => {
  const count = 20;
  let [opened, closed] = [0, 0];
  const allClosed = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    opened++;
    socket.on('error', () => {});
    socket.on('close', () => {
      if (++closed === count) allClosed.resolve();
    });
    socket.on('data', () => socket.write(`${plain}content-length: 10\r\n\r\nhalf`));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const transport = undiciTransport({ connect: 5 });
  t.after(async () => {
    await transport.close();
    server.close();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask = (data: () => void) =>
    transport(
      { origin, path: '/', method: 'GET', headers: [], body: null, fresh: true },
      { started() {}, head() {}, data, end() {}, failed: () => assert.fail('told after its abort') },
    );
  for (let i = 0; i < count; i++) {
    await new Promise<void>((resolve) => {
      const exchange = ask(() => {
        exchange.abort();
        resolve();
      });
    });
  }
  await allClosed.promise;
  // Whatever else was opened has been accepted before the connection of this one.
  const last = await new Promise<Exchange>((resolve) => {
    const exchange = ask(() => resolve(exchange));
  });
  last.abort();
  assert.equal(opened, count + 1);
});
