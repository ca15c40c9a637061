import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openGateway, raw } from './harness.ts';

/** What a request hides behind itself: it must never be served. */
const hidden = 'GET /v1/models HTTP/1.1\r\nhost: localhost\r\nx-hidden: 1\r\n\r\n';
const post = (headers: string, rest: string) =>
  `POST /v1/files HTTP/1.1\r\nhost: localhost\r\n${headers}\r\n\r\n${rest}`;

const corpus: readonly [name: string, bytes: string][] = [
  ['a length beside chunks', post('content-length: 5\r\ntransfer-encoding: chunked', `0\r\n\r\n${hidden}`)],
  ['chunks beside a length', post('transfer-encoding: chunked\r\ncontent-length: 5', `0\r\n\r\n${hidden}`)],
  ['two lengths', post('content-length: 0\r\ncontent-length: 70', hidden)],
  ['two equal lengths', post('content-length: 5\r\ncontent-length: 5', `hello${hidden}`)],
  ['a list of lengths', post('content-length: 5, 5', `hello${hidden}`)],
  ['a signed length', post('content-length: +5', `hello${hidden}`)],
  ['a hexadecimal length', post('content-length: 0x5', `hello${hidden}`)],
  ['a length with a space inside', post('content-length: 1 0', `hello${hidden}`)],
  ['a length beyond 64 bits', post('content-length: 99999999999999999999', hidden)],
  ['a folded header', post('content-length: 5\r\nx-a: b\r\n c', `hello${hidden}`)],
  ['a folded transfer-encoding', post('transfer-encoding:\r\n chunked', `0\r\n\r\n${hidden}`)],
  ['a space before the colon', post('content-length : 5', `hello${hidden}`)],
  ['a space before the name', post(' content-length: 5', `hello${hidden}`)],
  ['a bare line feed', 'POST /v1/files HTTP/1.1\nhost: localhost\ncontent-length: 0\n\n'],
  ['a bare carriage return in a value', post('x-a: b\rcontent-length: 5', `hello${hidden}`)],
  ['a NUL in a value', post('x-a: b\0c\r\ncontent-length: 5', `hello${hidden}`)],
  ['chunked that is not last', post('transfer-encoding: chunked, identity', `0\r\n\r\n${hidden}`)],
  ['an unknown coding', post('transfer-encoding: xchunked', `0\r\n\r\n${hidden}`)],
  ['chunked twice', post('transfer-encoding: chunked\r\ntransfer-encoding: xchunked', `0\r\n\r\n${hidden}`)],
  ['a chunk size that is none', post('transfer-encoding: chunked', `zz\r\n\r\n${hidden}`)],
  ['a negative chunk size', post('transfer-encoding: chunked', `-1\r\n\r\n${hidden}`)],
  ['a chunk size beyond 64 bits', post('transfer-encoding: chunked', `fffffffffffffffff\r\n${hidden}`)],
  ['a chunk with a bare line feed', post('transfer-encoding: chunked', `0\n\n${hidden}`)],
  ['a chunk longer than it says', post('transfer-encoding: chunked', `1\r\nabc\r\n0\r\n\r\n${hidden}`)],
  ['no host', 'GET /v1/models HTTP/1.1\r\nconnection: close\r\n\r\n'],
  ['HTTP/2 without leave', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['HTTP/0.9', 'GET /v1/models\r\n\r\n'],
  ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
];

for (const [name, bytes] of corpus) {
  test(`refused: ${name}`, async (context) => {
    const { gateway, calls } = await openGateway(context, {
      serve: (call, reply) => {
        // A streamed body is read as the transport would, so that its errors are met.
        const body = call.body;
        const read = async () => {
          if (body !== null && 'chunks' in body) for await (const _ of body.chunks);
          reply.head(200, ['content-length', '0']);
          reply.end();
        };
        read().catch(() => {});
        return { resume() {}, abort() {} };
      },
    });
    const text = await raw(gateway.port, Buffer.from(bytes, 'latin1'));
    assert.match(text, /^HTTP\/1\.1 400 /);
    assert.equal(text.match(/HTTP\/1\.1 \d/g)?.length, 1, 'one answer');
    assert.ok(
      calls.every((call) => !call.headers.includes('x-hidden')),
      'the hidden request was not served',
    );
  });
}

test('errors of the HTTP parser come in the envelope', async (context) => {
  const { gateway } = await openGateway(context);
  const text = await raw(gateway.port, 'nonsense\r\n\r\n');
  const body = JSON.parse(text.slice(text.indexOf('\r\n\r\n')));
  assert.equal(body.type, 'error');
  assert.equal(body.error.type, 'invalid_request_error');
  assert.match(text, /ridethrough-origin: gateway/);
});

test('headers beyond 64 KiB are refused by name, headers below are served', async (context) => {
  const { gateway, calls } = await openGateway(context);
  const sized = (bytes: number) =>
    `GET /v1/models HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nx-a: ${'a'.repeat(bytes)}\r\n\r\n`;
  assert.match(await raw(gateway.port, sized(60_000)), /^HTTP\/1\.1 200 /);
  assert.match(await raw(gateway.port, sized(70_000)), /^HTTP\/1\.1 431 [\s\S]*larger than 64 KiB/);
  assert.equal(calls.length, 1);
});

test('three thousand headers arrive, none is dropped', async (context) => {
  const { gateway, calls } = await openGateway(context);
  const many = Array.from({ length: 3000 }, (_, index) => `x-${index}: y`).join('\r\n');
  await raw(gateway.port, `GET /v1/models HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n${many}\r\n\r\n`);
  assert.equal(calls[0]?.headers.length, 6000);
});

test('a broken request behind one that is served is not answered in its place', async (context) => {
  let answer = () => {};
  const { gateway } = await openGateway(context, {
    serve: (_call, reply) => {
      answer = () => {
        reply.head(200, ['content-length', '0']);
        reply.end();
      };
      return { resume() {}, abort() {} };
    },
  });
  const text = await raw(gateway.port, 'GET /v1/models HTTP/1.1\r\nhost: localhost\r\n\r\nnonsense\r\n\r\n');
  answer();
  assert.equal(text, '');
});
