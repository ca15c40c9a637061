import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Body, Reply } from '../../src/core/call.ts';
import { lingerMs } from '../../src/gateway/node-http.ts';
import { sweepMs } from '../../src/gateway/upload-watch.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import {
  dial,
  messagesRequest,
  openGateway,
  post,
  promised,
  raw,
  readToClose,
  readUntil,
  type Serve,
} from './harness.ts';

const mebibyte = 2 ** 20;

async function bytesOf(body: Body): Promise<Buffer> {
  if (body === null) return Buffer.alloc(0);
  if (body instanceof Uint8Array) return Buffer.from(body);
  const chunks: Uint8Array[] = [];
  for await (const chunk of body.chunks) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Reads the body as the transport would, then answers its length. */
const answerLength: Serve = (call, reply) => {
  const answer = async () => {
    const { length } = await bytesOf(call.body);
    reply.head(200, ['content-type', 'text/plain']);
    reply.write(Buffer.from(String(length)));
    reply.end();
  };
  answer().catch(() => {});
  return { resume() {}, abort() {} };
};

const chunked = (target: string, ...rest: string[]) =>
  `POST ${target} HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n${rest.join('')}`;

test('a Messages body arrives byte for byte, in one piece and in many', async (context) => {
  const { gateway, calls } = await openGateway(context);
  const body = Buffer.from(`{"model":"m","max_tokens":1,"messages":[{"content":"${'é🙂\\u00e9'.repeat(100_000)}"}]}`);
  await fetch(`${gateway.url}/v1/messages`, post({}, body));
  const socket = dial(gateway.port);
  socket.write(chunked('/v1/messages'));
  for (let at = 0; at < body.length; at += 70_001) {
    const piece = body.subarray(at, at + 70_001);
    socket.write(`${piece.length.toString(16)}\r\n`);
    socket.write(piece);
    socket.write('\r\n');
  }
  socket.write('0\r\n\r\n');
  await readUntil(socket, (text) => text.includes('{"ok":true}'));
  assert.equal(calls.length, 2);
  for (const call of calls) assert.ok(body.equals(await bytesOf(call.body)));
});

test('headers reach the call in order and case, without hop-by-hop ones', async (context) => {
  const { gateway, calls } = await openGateway(context);
  const headers = [
    'X-B: 1',
    'anthropic-beta: a',
    'x-a: 2',
    'Anthropic-Beta: b',
    'connection: close, x-a',
    'te: trailers',
    '__proto__: p',
  ];
  await raw(gateway.port, messagesRequest(headers));
  assert.deepEqual(calls[0]?.headers, ['X-B', '1', 'anthropic-beta', 'a', 'Anthropic-Beta', 'b', '__proto__', 'p']);
  assert.equal(calls[0]?.path, '/v1/messages');
});

test('a body whose announced length is over the cap is refused before it is sent', async (context) => {
  const { gateway, calls } = await openGateway(context);
  for (const [path, cap] of [
    ['/v1/messages', 32],
    ['/v1/messages/batches', 256],
    ['/v1/files', 500],
    ['/v1/else', 32],
  ] as const) {
    const socket = dial(gateway.port);
    socket.write(`POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${cap * mebibyte + 1}\r\n\r\n`);
    const text = await readUntil(socket, (all) => all.endsWith('}'));
    assert.match(text, /^HTTP\/1\.1 413 /);
    assert.match(text, /"type":"request_too_large"/);
    socket.destroy();
  }
  assert.equal(calls.length, 0);
});

test('a caller that keeps sending still gets its 413, whole', async (context) => {
  const { gateway, calls } = await openGateway(context);
  const socket = dial(gateway.port);
  const answer = readToClose(socket);
  // All of it is written before anything is read, as simple clients do.
  socket.pause();
  socket.write(chunked('/v1/messages'));
  const piece = Buffer.alloc(mebibyte, 0x20);
  for (let i = 0; i < 40; i++) {
    socket.write(`${piece.length.toString(16)}\r\n`);
    socket.write(piece);
    await new Promise<void>((resolve) => socket.write('\r\n', () => resolve()));
  }
  socket.write('0\r\n\r\n');
  socket.resume();
  const text = await answer;
  assert.match(text, /^HTTP\/1\.1 413 /);
  assert.match(text, /"request_id":"\w+"\}$/);
  assert.equal(calls.length, 0);
});

test('one that sends without end is cut after the time to linger', async (context) => {
  const clock = new VirtualClock();
  const { gateway } = await openGateway(context, { clock });
  const socket = dial(gateway.port);
  socket.write(`POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${33 * mebibyte}\r\n\r\nsome`);
  await readUntil(socket, (text) => text.endsWith('}'));
  const closed = readToClose(socket);
  await clock.advance(lingerMs);
  assert.equal(await closed, '');
  assert.equal(clock.pendingTimers, 0);
});

test('a streamed body is handed on as it arrives, and over the cap ends the call with 413', async (context) => {
  const first = promised<Uint8Array>();
  let aborted = 0;
  const { gateway, calls } = await openGateway(context, {
    serve: (call) => {
      const read = async () => {
        if (call.body === null || call.body instanceof Uint8Array) return;
        for await (const chunk of call.body.chunks) first.resolve(chunk);
      };
      read().catch(() => {});
      return { resume() {}, abort: () => aborted++ };
    },
  });
  const socket = dial(gateway.port);
  socket.write(chunked('/v1/else', '5\r\nhello\r\n'));
  assert.equal(Buffer.from(await first.promise).toString(), 'hello');
  assert.equal(calls.length, 1);
  const answered = readUntil(socket, (text) => text.endsWith('}'));
  const piece = Buffer.alloc(mebibyte);
  for (let i = 0; i < 32; i++) {
    socket.write(`${piece.length.toString(16)}\r\n`);
    socket.write(piece);
    socket.write('\r\n');
  }
  assert.match(await answered, /^HTTP\/1\.1 413 /);
  assert.equal(aborted, 1);
});

test('an upload is read only as fast as it is taken', async (context) => {
  const body = promised<AsyncIterator<Uint8Array>>();
  const { gateway } = await openGateway(context, {
    serve: (call, reply) => {
      if (call.body !== null && 'chunks' in call.body) {
        assert.equal(call.body.lengthBytes, 100 * mebibyte);
        body.resolve(call.body.chunks[Symbol.asyncIterator]());
      }
      return { resume() {}, abort: () => reply.end() };
    },
  });
  const socket = dial(gateway.port);
  socket.write(`POST /v1/files HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${100 * mebibyte}\r\n\r\n`);
  const piece = Buffer.alloc(mebibyte);
  let sent = 0;
  // Write until the socket has taken nothing for a whole round trip through the gateway.
  const full = async () => {
    const before = socket.bytesWritten - socket.writableLength;
    await (await fetch(`${gateway.url}/healthz`)).text();
    return socket.bytesWritten - socket.writableLength === before && socket.writableLength > 8 * mebibyte;
  };
  do {
    for (let i = 0; i < 4 && sent < 60; i++, sent++) socket.write(piece);
  } while (!(await full()) && sent < 100);
  assert.ok(socket.writableLength > mebibyte, 'the sender is held back');
  const reader = await body.promise;
  let taken = 0;
  while (taken < sent * mebibyte) taken += (await reader.next()).value.length;
  assert.equal(taken, sent * mebibyte);
});

test('an answer before the end of the upload is delivered, and the connection serves the next request', async (context) => {
  const { gateway } = await openGateway(context, {
    serve: (_call, reply) => {
      reply.head(401, ['content-length', '4']);
      reply.write(Buffer.from('nope'));
      reply.end();
      return { resume() {}, abort() {} };
    },
  });
  const socket = dial(gateway.port);
  socket.write('POST /v1/files HTTP/1.1\r\nhost: localhost\r\ncontent-length: 200000\r\n\r\n');
  assert.match(await readUntil(socket, (text) => text.endsWith('nope')), /^HTTP\/1\.1 401 /);
  socket.write(Buffer.alloc(200_000));
  socket.write('GET /v1/models HTTP/1.1\r\nhost: localhost\r\n\r\n');
  assert.match(await readUntil(socket, (text) => text.endsWith('nope')), /^HTTP\/1\.1 401 /);
});

test('Expect: 100-continue is answered where the body is wanted, and not where it is refused', async (context) => {
  const { gateway } = await openGateway(context, { serve: answerLength });
  const head = (path: string, length: number) =>
    `POST ${path} HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\ncontent-length: ${length}\r\n\r\n`;
  for (const path of ['/v1/messages', '/v1/files']) {
    const socket = dial(gateway.port);
    const body = '{"model":"m","max_tokens":1,"messages":[]}';
    socket.write(head(path, body.length));
    await readUntil(socket, (text) => text === 'HTTP/1.1 100 Continue\r\n\r\n');
    socket.write(body);
    assert.match(await readUntil(socket, (text) => text.includes(String(body.length))), /^HTTP\/1\.1 200 /);
    socket.destroy();
  }
  const refused = await raw(gateway.port, head('/v1/messages', 33 * mebibyte));
  assert.match(refused, /^HTTP\/1\.1 413 /);
});

test('an upload that stops arriving is ended, one that waits for the upstream is not', async (context) => {
  const clock = new VirtualClock();
  const { gateway, calls } = await openGateway(context, { clock, serve: () => ({ resume() {}, abort() {} }) });
  const stalled = dial(gateway.port);
  stalled.write('POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\nhalf');
  const held = dial(gateway.port);
  held.write('POST /v1/files HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\nhalf');
  let answered = false;
  const answer = readUntil(stalled, (text) => text.endsWith('}')).finally(() => {
    answered = true;
  });
  // The probe is a turn of the gateway's loop, in which it reads what has come.
  while (!answered) {
    await (await fetch(`${gateway.url}/healthz`)).text();
    if (calls.length === 1) await clock.advance(sweepMs);
  }
  assert.match(await answer, /^HTTP\/1\.1 408 [\s\S]*x-should-retry: true/);
  assert.equal(held.readyState, 'open');
  // This engine would never end its call, and this clock never the wait for it.
  held.destroy();
  stalled.destroy();
});

test('a body that breaks off begins no call', async (context) => {
  const { gateway, calls } = await openGateway(context);
  const socket = dial(gateway.port);
  socket.write('POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\nhalf');
  await new Promise<void>((resolve) => socket.end(() => resolve()));
  await readToClose(socket);
  await (await fetch(`${gateway.url}/v1/models`)).text();
  assert.equal(calls.length, 1);
});

test('bodies that would not fit into memory together are refused for now, and fit when others have gone', async (context) => {
  const replies: Reply[] = [];
  const serve: Serve = (_call, reply) => {
    replies.push(reply);
    return { resume() {}, abort() {} };
  };
  const { gateway, calls } = await openGateway(context, { serve, bufferedBytesMax: 3 * mebibyte });
  const body = `{"model":"m","max_tokens":1,"messages":[],"x":"${'x'.repeat(mebibyte)}"}`;
  const send = () => fetch(`${gateway.url}/v1/messages`, post({}, body));
  const served = [send(), send()];
  while (replies.length < 2) await new Promise<void>((resolve) => setImmediate(resolve));
  const refused = await send();
  assert.deepEqual(
    [refused.status, refused.headers.get('x-should-retry'), refused.headers.get('retry-after')],
    [529, 'true', '1'],
  );
  assert.match(await refused.text(), /"overloaded_error"/);
  for (const reply of replies) {
    reply.head(200, ['content-length', '0']);
    reply.end();
  }
  await Promise.all(served);
  // A caller that leaves in the middle of its body, or has its body refused, keeps nothing either.
  await raw(gateway.port, `${chunked('/v1/messages', '100000\r\n', 'x'.repeat(mebibyte))}\r\nzz\r\n`);
  const next = send();
  while (calls.length < 3) await new Promise<void>((resolve) => setImmediate(resolve));
  replies[2]?.head(204, []);
  replies[2]?.end();
  assert.equal((await next).status, 204);
});
