import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createGzip } from 'node:zlib';
import { closing, gatewayFor, opening, post, streamed } from './calls.ts';
import { openUpstream, sse } from './upstream.ts';

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
