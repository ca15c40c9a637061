import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Body } from '../core/call.ts';
import { headerOf } from '../wire/headers.ts';
import { givenHeaders, readRequest } from './request.ts';
import { targetOf } from './target.ts';

const url = 'http://upstream.test/v1/messages';

function read(input: string | URL | Request, init: RequestInit = {}) {
  const target = targetOf(input instanceof Request ? input.url : String(input));
  assert.ok(target !== null);
  return readRequest(target, input, init, givenHeaders(input, init));
}

const textOf = (body: Body) => {
  assert.ok(body instanceof Uint8Array);
  return Buffer.from(body).toString();
};

test('what SDKs send is taken as it is', async () => {
  const signal = new AbortController().signal;
  const headers = { 'x-api-key': 'k', 'accept-encoding': 'gzip', 'content-type': 'application/json', accept: 'a/b' };
  const request = await read(url, { method: 'POST', headers, body: '{"ü":1}', signal });
  assert.equal(request.method, 'POST');
  assert.equal(textOf(request.body), '{"ü":1}');
  assert.equal(request.signal, signal);
  const seen = ['x-api-key', 'accept-encoding', 'content-type', 'accept', 'user-agent'];
  assert.deepEqual(
    seen.map((name) => headerOf(request.headers, name)),
    ['k', 'identity', 'application/json', 'a/b', 'node'],
  );
});

test('bytes are copied, so that their owner may use them again', async () => {
  for (const bytes of [Buffer.from('abc'), new TextEncoder().encode('abc')]) {
    const request = await read(url, { method: 'POST', body: bytes });
    bytes.fill(0);
    assert.equal(textOf(request.body), 'abc');
  }
});

test('every other form of body becomes bytes where it must be sent again', async () => {
  const form = new FormData();
  form.set('name', 'value');
  const bodies: [RequestInit['body'], RegExp, RegExp][] = [
    [new URLSearchParams({ a: '1' }), /^a=1$/, /^application\/x-www-form-urlencoded/],
    [new Blob(['abc'], { type: 'text/x' }), /^abc$/, /^text\/x$/],
    [form, /name="name"\r\n\r\nvalue\r\n/, /^multipart\/form-data; boundary=/],
    [new TextEncoder().encode('abc').buffer, /^abc$/, /^$/],
    [new Blob(['abc']).stream(), /^abc$/, /^$/],
    ['abc', /^abc$/, /^text\/plain;charset=UTF-8$/],
  ];
  for (const [body, content, type] of bodies) {
    const request = await read(url, { method: 'POST', body, duplex: 'half' } as RequestInit);
    assert.match(textOf(request.body), content);
    assert.match(headerOf(request.headers, 'content-type') ?? '', type);
  }
});

test('an upload of unknown length is sent as it is read, a small one with its length', async () => {
  const files = 'http://upstream.test/v1/files';
  const streamed = await read(files, {
    method: 'POST',
    body: new Blob(['abc']).stream(),
    duplex: 'half',
  } as RequestInit);
  assert.ok(streamed.body !== null && 'chunks' in streamed.body);
  assert.equal(streamed.body.lengthBytes, null);
  const chunks: Uint8Array[] = [];
  for await (const chunk of streamed.body.chunks) chunks.push(chunk);
  assert.equal(Buffer.concat(chunks).toString(), 'abc');
  assert.equal(textOf((await read(files, { method: 'POST', body: new Blob(['abc']) })).body), 'abc');
});

test('a Request is read, and the second argument goes before it', async () => {
  const signal = new AbortController().signal;
  const original = new Request(url, { method: 'POST', body: 'abc', headers: { 'x-a': '1' } });
  const request = await read(original, { headers: { 'x-b': '2' }, signal });
  assert.deepEqual([request.method, textOf(request.body), request.signal], ['POST', 'abc', signal]);
  assert.deepEqual([headerOf(request.headers, 'x-a'), headerOf(request.headers, 'x-b')], [null, '2']);
  const plain = new Request(url, { headers: { 'x-a': '1' } });
  const same = await read(plain);
  assert.deepEqual([same.body, same.signal, headerOf(same.headers, 'x-a')], [null, plain.signal, '1']);
});

test('what fetch refuses is refused, and a method has the case that fetch gives it', async () => {
  await assert.rejects(read(url, { method: 'GET', body: 'abc' }), TypeError);
  await assert.rejects(read(url, { method: 'CONNECT' }), TypeError);
  await assert.rejects(read(url, { method: 'POST', body: new Blob(['abc']).stream() }), TypeError);
  assert.equal((await read(url, { method: 'post', body: 'abc' })).method, 'POST');
});
