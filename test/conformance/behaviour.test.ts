import assert from 'node:assert/strict';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { text } from '../fixtures/stream-events.ts';
import { ask, closing, gatewayFor, idle, key, opening, post, readerOf, readUntil, restOf, streamed } from './calls.ts';
import type { GatewayStage } from './stage.ts';
import { answerWhole, json, limited, message, openUpstream, refuseOverloaded, sse } from './upstream.ts';

test('while the upstream is silent a stream opens with 200 and pings, and nothing of a failure shows', async (t) => {
  const upstream = await openUpstream(t);
  const stage = await gatewayFor(t, upstream, { timeouts: { hold: 0.02 } });
  const response = await post(stage, { body: streamed, headers: { 'x-stainless-read-timeout': '0.1' } });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('request-id'), null);
  const reader = readerOf(response);
  const held = await readUntil(reader, (read) => read.includes('event: ping'));
  assert.doesNotMatch(held, /message_start/);
  refuseOverloaded(await upstream.visit(1));
  (await upstream.visit(2)).response.writeHead(200, sse).end(opening + closing);
  assert.equal((await restOf(reader)).replaceAll('event: ping\ndata: {"type": "ping"}\n\n', ''), opening + closing);
});

test('a final failure behind an early head is an error event and a clean end', async (t) => {
  const upstream = await openUpstream(t);
  const stage = await gatewayFor(t, upstream, { timeouts: { hold: 0.02 } });
  const reader = readerOf(await post(stage, { body: streamed, headers: { 'x-stainless-read-timeout': '0.1' } }));
  await readUntil(reader, (read) => read.includes('event: ping'));
  const refusal = '{"type":"error","error":{"type":"invalid_request_error","message":"No"}}';
  (await upstream.visit(1)).response.writeHead(400, json).end(refusal);
  const rest = (await restOf(reader)).replaceAll('event: ping\ndata: {"type": "ping"}\n\n', '');
  assert.equal(rest, `event: error\ndata: ${refusal}\n\n`);
});

test('a caller that leaves before the head, in the middle or while waiting ends its attempt upstream', async (t) => {
  const upstream = await openUpstream(t, ({ index, response }) => {
    if (index === 2) response.writeHead(200, sse).write(opening);
    if (index === 3) response.writeHead(429, { ...json, 'retry-after': '30' }).end(limited);
  });
  const stage = await gatewayFor(t, upstream);
  const silent = new AbortController();
  const first = post(stage, { body: streamed, signal: silent.signal });
  const visit = await upstream.visit(1);
  silent.abort();
  await assert.rejects(first);
  await visit.closed;

  const middle = new AbortController();
  const second = await post(stage, { body: streamed, signal: middle.signal });
  await readUntil(readerOf(second), (read) => read.includes('Hello'));
  middle.abort();
  await (await upstream.visit(2)).closed;

  const waiting = new AbortController();
  const third = post(stage, { signal: waiting.signal });
  await (await upstream.visit(3)).closed;
  waiting.abort();
  await assert.rejects(third);
  await idle(stage);
  assert.deepEqual([upstream.visits.length, stage.engine.gauges.waiting], [3, 0]);
});

/** Sends chunks until the reader is behind or all are out; tells how many bytes have gone. */
function pump(sink: NodeJS.WritableStream, chunk: Buffer, times: number) {
  const state = { bytes: 0 };
  const more = () => {
    while (state.bytes < times * chunk.length) {
      state.bytes += chunk.length;
      if (!sink.write(chunk)) return void sink.once('drain', more);
    }
    sink.end();
  };
  more();
  return state;
}

/** Resolves when nothing more has gone out for as long as a hundred other exchanges take. */
async function standsStill(stage: GatewayStage, state: { bytes: number }): Promise<void> {
  for (let still = 0, before = -1; still < 100; still++) {
    if (state.bytes !== before) still = 0;
    before = state.bytes;
    await fetch(`${stage.gateway.url}/healthz`);
  }
}

const megabyte = 2 ** 20;

test('an upstream is read no faster than its caller reads, and nothing is lost', async (t) => {
  const chunk = Buffer.from(text(0, 'x'.repeat(megabyte)));
  const upstream = await openUpstream(t);
  const stage = await gatewayFor(t, upstream);
  const response = await new Promise<IncomingMessage>((resolve) => {
    const sent = httpRequest(`${stage.gateway.url}/v1/messages`, { method: 'POST', headers: key }, resolve);
    sent.end(streamed);
    void upstream.visit(1).then((visit) => visit.response.writeHead(200, sse).write(opening));
  });
  const { response: sink } = await upstream.visit(1);
  const sent = pump(sink, chunk, 64);
  await standsStill(stage, sent);
  assert.ok(sent.bytes < 48 * megabyte, `${sent.bytes} bytes were taken from the upstream`);
  let bytes = 0;
  for await (const part of response) bytes += part.length;
  // It broke off without a stop reason: what came before that must be there.
  assert.ok(bytes >= 64 * chunk.length);
});

test('an upload is taken no faster than the upstream takes it, and arrives whole', async (t) => {
  const upstream = await openUpstream(t, () => {}, false);
  const stage = await gatewayFor(t, upstream);
  const total = 64 * megabyte;
  const headers = { ...key, 'content-length': total };
  const sent = httpRequest(`${stage.gateway.url}/v1/files`, { method: 'POST', headers });
  const answered = new Promise<number | undefined>((resolve) => sent.on('response', (r) => resolve(r.statusCode)));
  const gone = pump(sent, Buffer.alloc(megabyte, 'x'), 64);
  const { request, response } = await upstream.visit(1);
  await standsStill(stage, gone);
  assert.ok(gone.bytes < 48 * megabyte, `${gone.bytes} bytes were taken from the caller`);
  let bytes = 0;
  for await (const part of request) bytes += part.length;
  response.writeHead(200, json).end('{}');
  assert.deepEqual([bytes, await answered], [total, 200]);
});

test('a drain tells those who wait to come back, and lets streams finish', async (t) => {
  const upstream = await openUpstream(t, ({ index, response }) => {
    if (index === 1) response.writeHead(200, sse).write(opening);
    else response.writeHead(429, { ...json, 'retry-after': '30' }).end(limited);
  });
  const stage = await gatewayFor(t, upstream);
  const reader = readerOf(await post(stage, { body: streamed }));
  await readUntil(reader, (read) => read.includes('Hello'));
  const waiting = post(stage, { body: ask({ model: 'claude-opus-5' }) });
  await (await upstream.visit(2)).closed;
  const closed = stage.gateway.close();
  const told = await waiting;
  assert.deepEqual([told.status, told.headers.get('x-should-retry')], [429, 'true']);
  assert.equal(told.headers.get('retry-after'), '30');
  (await upstream.visit(1)).response.end(closing);
  assert.equal(await restOf(reader), closing);
  await closed;
});

test('equal calls under one ridethrough-key share one attempt, and outlive the one who began', async (t) => {
  const upstream = await openUpstream(t);
  const stage = await gatewayFor(t, upstream);
  const headers = { 'ridethrough-key': 'order-7' };
  const leaving = new AbortController();
  const leader = post(stage, { headers, signal: leaving.signal });
  const visit = await upstream.visit(1);
  const follower = post(stage, { headers });
  const stranger = await post(stage, { headers, body: ask({ max_tokens: 65 }) });
  assert.deepEqual([stranger.status, stranger.headers.get('x-should-retry')], [409, 'false']);
  leaving.abort();
  await assert.rejects(leader);
  answerWhole(visit);
  assert.equal(await (await follower).text(), message);
  assert.equal(upstream.visits.length, 1);
  // The flight has landed: the next one is asked anew.
  const next = post(stage, { headers });
  answerWhole(await upstream.visit(2));
  assert.equal(await (await next).text(), message);
});
