import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Reply } from '../../src/core/call.ts';
import {
  dial,
  idleFlow,
  messagesRequest,
  openGateway,
  promised,
  raw,
  readToClose,
  readUntil,
  type Serve,
} from './harness.ts';

const closing = messagesRequest(['connection: close']);

/** An engine that hands its reply to the test. */
function held() {
  const replies: Reply[] = [];
  const first = promised<Reply>();
  const counts = { resumed: 0, aborted: 0 };
  const resumed = promised<void>();
  const aborted = promised<void>();
  const serve: Serve = (_call, reply) => {
    replies.push(reply);
    first.resolve(reply);
    return {
      resume() {
        counts.resumed++;
        resumed.resolve();
      },
      abort() {
        counts.aborted++;
        aborted.resolve();
      },
    };
  };
  return { serve, first: first.promise, counts, resumed: resumed.promise, aborted: aborted.promise };
}

test('head and body pass in order, case and number; content-length is kept', async (context) => {
  const { gateway } = await openGateway(context, {
    serve: (_call, reply) => {
      const date = ['Date', 'Sun, 06 Nov 1994 08:49:37 GMT'];
      reply.head(529, ['Request-Id', 'req_1', 'x-b', '1', 'X-A', '2', 'x-b', '3', ...date, 'content-length', '3']);
      reply.write(Buffer.from('a\0b'));
      reply.end();
      return idleFlow;
    },
  });
  const text = await raw(gateway.port, closing);
  assert.match(
    text,
    /^HTTP\/1\.1 529 [^\r]*\r\nRequest-Id: req_1\r\nx-b: 1\r\nX-A: 2\r\nx-b: 3\r\nDate: Sun, 06 Nov 1994/,
  );
  assert.equal(text.match(/\r\ndate:/gi)?.length, 1);
  assert.ok(text.endsWith('\r\n\r\na\0b'));
});

test('HEAD, 204 and 304 have no body and leave the connection in step', async (context) => {
  const { gateway } = await openGateway(context, {
    serve: (call, reply) => {
      if (call.method === 'HEAD') reply.head(200, ['content-length', '1234']);
      else reply.head(call.path.endsWith('204') ? 204 : 304, ['etag', '"x"']);
      reply.end();
      return idleFlow;
    },
  });
  const ask = (method: string, path: string, more = '') =>
    `${method} ${path} HTTP/1.1\r\nhost: localhost\r\n${more}\r\n`;
  const socket = dial(gateway.port);
  const answers = readToClose(socket);
  socket.write(ask('HEAD', '/api/hello') + ask('GET', '/v1/204') + ask('GET', '/v1/304', 'connection: close\r\n'));
  const text = await answers;
  assert.match(text, /^HTTP\/1\.1 200 OK\r\ncontent-length: 1234\r\n[\s\S]*?\r\n\r\nHTTP\/1\.1 204 /);
  assert.match(text, /\r\n\r\nHTTP\/1\.1 304 [\s\S]*\r\n\r\n$/);
  assert.ok(!/transfer-encoding/i.test(text));
});

test('a head goes out at once, also when nothing follows it yet', async (context) => {
  const { serve, first } = held();
  const { gateway } = await openGateway(context, { serve });
  const socket = dial(gateway.port);
  socket.write(messagesRequest());
  const reply = await first;
  const head = readUntil(socket, (text) => text.endsWith('\r\n\r\n'));
  reply.head(200, ['content-type', 'text/event-stream']);
  assert.match(await head, /^HTTP\/1\.1 200 /);
  const event = readUntil(socket, (text) => text.includes('ping'));
  reply.write(Buffer.from('event: ping\n\n'));
  await event;
  const end = readUntil(socket, (text) => text.endsWith('0\r\n\r\n'));
  reply.end();
  await end;
});

test('a slow reader holds the engine back, and its catching up lets it go on', async (context) => {
  const { serve, first, counts, resumed } = held();
  const { gateway } = await openGateway(context, { serve });
  const socket = dial(gateway.port);
  socket.pause();
  socket.write(messagesRequest());
  const reply = await first;
  reply.head(200, ['content-type', 'application/octet-stream']);
  const chunk = Buffer.alloc(64 * 1024, 0x61);
  let written = 0;
  // The kernel's buffers take some; what is written beyond them waits in ours.
  for (let behind = false; !behind && written < 1000; written++) behind = !reply.write(chunk);
  assert.ok(written < 1000);
  assert.equal(counts.resumed, 0);
  let received = 0;
  socket.on('data', (data: Buffer) => {
    received += data.length;
  });
  socket.resume();
  await resumed;
  assert.equal(counts.resumed, 1);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  reply.end();
  socket.end();
  await closed;
  assert.ok(received > written * chunk.length);
});

for (const phase of ['before the head', 'in the stream']) {
  test(`a caller that leaves ${phase} aborts its call, once; what is written later goes nowhere`, async (context) => {
    const { serve, first, counts, aborted } = held();
    const { gateway } = await openGateway(context, { serve });
    const socket = dial(gateway.port);
    socket.write(messagesRequest());
    const reply = await first;
    if (phase === 'in the stream') reply.head(200, []);
    socket.destroy();
    await aborted;
    reply.head(200, []);
    assert.equal(reply.write(Buffer.alloc(10)), true);
    reply.end();
    reply.destroy(new Error('late'));
    await gateway.close();
    assert.equal(counts.aborted, 1);
  });
}

test('a call that has ended is not aborted when the caller hangs up', async (context) => {
  const { serve, first, counts } = held();
  const { gateway } = await openGateway(context, { serve });
  const answer = raw(gateway.port, closing);
  const reply = await first;
  reply.head(200, ['content-length', '0']);
  reply.end();
  await answer;
  await gateway.close();
  assert.equal(counts.aborted, 0);
});

test('destroy shows a broken connection: chunked, by length and to HTTP/1.0', async (context) => {
  const replies: Reply[] = [];
  const { gateway } = await openGateway(context, {
    serve: (call, reply) => {
      replies.push(reply);
      reply.head(200, call.path.includes('length') ? ['content-length', '1000'] : []);
      reply.write(Buffer.from('half'));
      return idleFlow;
    },
  });
  const breakNewest = () => replies.at(-1)?.destroy(new Error('broken'));
  for (const query of ['', '?length']) {
    const response = await fetch(`${gateway.url}/v1/models${query}`);
    assert.equal(response.status, 200);
    breakNewest();
    await assert.rejects(response.text(), /terminated/);
  }
  const old = dial(gateway.port);
  const reset = new Promise<Error & { code?: string }>((resolve) => old.once('error', resolve));
  old.write('GET /v1/models HTTP/1.0\r\nhost: localhost\r\n\r\n');
  await readUntil(old, (text) => text.endsWith('half'));
  breakNewest();
  assert.equal((await reset).code, 'ECONNRESET');
});

test('pipelined requests are answered in order', async (context) => {
  const replies = new Map<string, Reply>();
  const both = promised<void>();
  const { gateway } = await openGateway(context, {
    serve: (call, reply) => {
      replies.set(call.path, reply);
      if (replies.size === 2) both.resolve();
      return idleFlow;
    },
  });
  const socket = dial(gateway.port);
  const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nhost: localhost\r\n${more}\r\n`;
  const text = readToClose(socket);
  socket.write(get('/v1/a') + get('/v1/b', 'connection: close\r\n'));
  await both.promise;
  for (const path of ['/v1/b', '/v1/a']) {
    replies.get(path)?.head(200, ['content-length', '5']);
    replies.get(path)?.write(Buffer.from(path));
    replies.get(path)?.end();
  }
  assert.match(await text, /\/v1\/a[\s\S]*\/v1\/b$/);
});

test('bad JSON, wrong types and bad headers get the envelope and disturb nobody', async (context) => {
  const { gateway, calls } = await openGateway(context);
  for (const body of ['{', '[]', 'null', '', '{"model":5,"max_tokens":1}', '{"max_tokens":1}']) {
    const response = await fetch(`${gateway.url}/v1/messages`, { method: 'POST', body });
    assert.equal(response.status, 400, body);
    const { type, error } = (await response.json()) as { type: string; error: { type: string } };
    assert.deepEqual([type, error.type], ['error', 'invalid_request_error']);
    assert.equal(response.headers.get('x-should-retry'), 'false');
    assert.equal(response.headers.get('ridethrough-origin'), 'gateway');
    assert.match(response.headers.get('ridethrough-id') ?? '', /^\w{20}$/);
    assert.equal(response.headers.get('request-id'), null);
  }
  assert.equal(calls.length, 0);
  assert.equal((await fetch(`${gateway.url}/v1/models`)).status, 200);
});
