import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliCompressSync, createGzip, gzipSync } from 'node:zlib';
import { ask, closing, gatewayFor, key, opening, post, streamed } from './calls.ts';
import { json, message, openUpstream, sse } from './upstream.ts';

test('an upstream that keeps its coded body open after message_stop holds nobody up', {
  timeout: 30_000,
}, async (t) => {
  const upstream = await openUpstream(t, ({ response }) => {
    response.writeHead(200, { ...sse, 'content-encoding': 'gzip' });
    const gzip = createGzip();
    gzip.on('data', (chunk) => response.write(chunk));
    gzip.write(opening + closing);
    gzip.flush();
  });
  const stage = await gatewayFor(t, upstream);
  assert.equal(await (await post(stage, { body: streamed })).text(), opening + closing);
  await (await upstream.visit(1)).closed;
});

const spent =
  '{"type":"error","error":{"type":"rate_limit_error","message":"Spent.","details":{"error_code":"workspace_spend_limit_reached"}},"request_id":"req_1"}';

for (const [coding, compress] of [
  ['gzip', gzipSync],
  ['br', brotliCompressSync],
] as const) {
  test(`an error in ${coding} reaches the caller verbatim from every endpoint`, async (t) => {
    const upstream = await openUpstream(t, ({ response }) => {
      response.writeHead(429, { ...json, 'content-encoding': coding, 'request-id': 'req_1' }).end(compress(spent));
    });
    const { gateway } = await gatewayFor(t, upstream);
    for (const [method, path] of [
      ['GET', '/v1/models'],
      ['POST', '/v1/messages/batches'],
      ['DELETE', '/v1/files/file_1'],
    ] as const) {
      const body = method === 'POST' ? '{}' : null;
      const headers = { ...key, 'accept-encoding': coding };
      const response = await fetch(gateway.url + path, { method, headers, body });
      assert.deepEqual([response.status, response.headers.get('content-encoding')], [429, null], path);
      assert.equal(await response.text(), spent, path);
    }
    // Money is not waited for: none of them was asked twice.
    assert.equal(upstream.visits.length, 3);
  });
}

test('a coded request asks for an uncoded answer too, and reads one that comes coded', async (t) => {
  const bodies = [message, '{"type":"error","error":{"type":"invalid_request_error","message":"No."}}'];
  const upstream = await openUpstream(t, ({ index, request, response }) => {
    assert.equal(request.headers['accept-encoding'], 'identity');
    const coded = gzipSync(bodies[index - 1] ?? '');
    response.writeHead(index === 1 ? 200 : 400, {
      ...json,
      'content-encoding': 'gzip',
      'content-length': coded.length,
    });
    response.end(coded);
  });
  const stage = await gatewayFor(t, upstream);
  for (const body of bodies) {
    const response = await post(stage, { headers: { 'content-encoding': 'gzip' }, body: gzipSync(ask()) });
    assert.equal(response.headers.get('content-encoding'), null);
    assert.equal(await response.text(), body);
  }
});
