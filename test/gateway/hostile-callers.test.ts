import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import type { Call } from '../../src/core/call.ts';
import { callsMax } from '../../src/gateway/http-limits.ts';
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

const body = (id: string) => `{"model":"m","max_tokens":8,"messages":[],"id":"${id}"}`;
const idOf = (call: Call) => /"id":"(.*?)"/.exec(Buffer.from(call.body as Uint8Array).toString())?.[1] ?? '';

/** Answers with the id that the body names. */
const echo: Serve = (call, reply) => {
  const bytes = Buffer.from(`<${idOf(call)}>`);
  reply.head(200, ['content-length', String(bytes.length)]);
  reply.write(bytes);
  reply.end();
  return idleFlow;
};

const opened = (socket: Socket) => new Promise<void>((resolve) => socket.once('connect', resolve));

test('fifteen hundred idle connections are no hindrance to a caller', async (context) => {
  const { gateway } = await openGateway(context, { serve: echo });
  await Promise.all(Array.from({ length: 1_500 }, () => opened(dial(gateway.port))));
  const socket = dial(gateway.port);
  socket.write(messagesRequest([], body('alive')));
  assert.match(await readUntil(socket, (text) => text.includes('<alive>')), /^HTTP\/1.1 200/);
});

test('a hundred pipelined requests are answered each in its turn, when the last was answered first', async (context) => {
  const waiting: (() => void)[] = [];
  const serve: Serve = (call, reply) => {
    waiting.unshift(() => echo(call, reply));
    if (waiting.length === 100) for (const answer of waiting) answer();
    return idleFlow;
  };
  const { gateway } = await openGateway(context, { serve });
  const socket = dial(gateway.port);
  const ids = Array.from({ length: 100 }, (_, index) => `n${index}`);
  socket.write(ids.map((id) => messagesRequest([], body(id))).join(''));
  const text = await readUntil(socket, (all) => all.includes('<n99>'));
  assert.deepEqual(
    [...text.matchAll(/<(n\d+)>/g)].map(([, id]) => id),
    ids,
  );
});

test('a caller that has closed its half of the connection gets an answer that is ready', async (context) => {
  const { gateway } = await openGateway(context, { serve: echo });
  const socket = dial(gateway.port);
  socket.end(messagesRequest(['connection: close'], body('half')));
  assert.match(await readToClose(socket), /<half>$/);
});

test('a caller that closes its half of the connection before its answer is ready has left', async (context) => {
  const left = promised<void>();
  const serve: Serve = () => ({ resume() {}, abort: left.resolve });
  const { gateway } = await openGateway(context, { serve });
  dial(gateway.port).end(messagesRequest([], body('half')));
  await left.promise;
});

test('a request beyond those that may be served at once is told to come again', async (context) => {
  const running = { calls: callsMax - 1 };
  const { gateway, calls } = await openGateway(context, { serve: echo, running: () => running.calls });
  const ask = (id: string) => raw(gateway.port, messagesRequest(['connection: close'], body(id)));
  assert.match(await ask('last'), /^HTTP\/1.1 200/);
  running.calls++;
  const refused = await ask('more');
  assert.match(refused, /^HTTP\/1.1 529[\s\S]*overloaded_error/);
  assert.equal(calls.length, 1);
});

test('a body that is coded beyond chunks is refused, not passed on as if it were not', async (context) => {
  const { gateway, calls } = await openGateway(context, { serve: echo });
  const head =
    'POST /v1/files HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: gzip, chunked\r\nconnection: close\r\n\r\n';
  assert.match(await raw(gateway.port, `${head}1\r\nx\r\n0\r\n\r\n`), /^HTTP\/1.1 400 /);
  assert.equal(calls.length, 0);
});

test('a body of chunks of one byte, with extensions and trailers, arrives; its trailers are no headers', async (context) => {
  const { gateway, calls } = await openGateway(context, { serve: echo });
  const chunks = [...body('bytes')].map((byte) => `1;x="y"\r\n${byte}\r\n`).join('');
  const head =
    'POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n';
  const text = await raw(gateway.port, `${head}${chunks}0\r\nx-api-key: stolen\r\nridethrough-token: x\r\n\r\n`);
  assert.match(text, /<bytes>$/);
  assert.equal(calls[0]?.caller.credential, null);
});

test('a chunk extension without end, and a chunk that is larger than any, are refused', async (context) => {
  const { gateway, calls } = await openGateway(context, { serve: echo });
  const head = 'POST /v1/messages HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n';
  assert.match(await raw(gateway.port, `${head}1;${'x'.repeat(100_000)}`), /^HTTP\/1.1 4\d\d /);
  assert.match(await raw(gateway.port, `${head}fffffffffffffffff\r\n`), /^HTTP\/1.1 400 /);
  assert.equal(calls.length, 0);
});

test('callers that reset at every phase leave nothing behind, and disturb nobody', async (context) => {
  const ended: string[] = [];
  const hanging = promised<void>();
  const serve: Serve = (call, reply) => {
    if (idOf(call) !== 'hang') return echo(call, reply);
    reply.head(200, ['content-type', 'text/event-stream']);
    reply.write(Buffer.from('data: x\n\n'));
    return {
      resume() {},
      abort() {
        ended.push(call.id);
        if (ended.length === 20) hanging.resolve();
      },
    };
  };
  const { gateway } = await openGateway(context, { serve });
  const request = messagesRequest([], body('hang'));
  for (let round = 0; round < 20; round++) {
    for (const part of [10, request.indexOf('\r\n\r\n') + 2, request.length - 5]) {
      const socket = dial(gateway.port);
      await opened(socket);
      socket.write(request.slice(0, part), () => socket.resetAndDestroy());
    }
    const reading = dial(gateway.port);
    reading.write(request);
    await readUntil(reading, (text) => text.includes('data: x'));
    reading.resetAndDestroy();
    assert.match(
      await raw(gateway.port, messagesRequest(['connection: close'], body(`r${round}`))),
      RegExp(`<r${round}>$`),
    );
  }
  await hanging.promise;
});
