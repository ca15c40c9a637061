import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { systemClock } from '../../src/core/clock.ts';
import type { BreakerEvent } from '../../src/core/events.ts';
import { MessageStream } from '../../src/wire/message-stream.ts';
import { delta, end, open, ping, start, stop } from '../fixtures/stream-events.ts';
import { ask, closeText, closing, gatewayFor, key, model, opening, post, streamed } from './calls.ts';
import {
  answerWhole,
  json,
  limited,
  message,
  openUpstream,
  overloaded,
  refuseOverloaded,
  sse,
  type Visit,
} from './upstream.ts';

test('a request that met a dead connection is sent again at once, and that is no retry', async (t) => {
  const upstream = await openUpstream(t, (visit) => {
    if (visit.index === 2) visit.request.socket.resetAndDestroy();
    else answerWhole(visit);
  });
  const stage = await gatewayFor(t, upstream, { retry: { max: 0, base: 1000, cap: 1000 } });
  await (await post(stage)).text();
  const response = await post(stage);
  assert.deepEqual([response.status, await response.text()], [200, message]);
  const [first, stale, fresh] = upstream.visits.map(({ request }) => request.socket);
  assert.equal(first, stale);
  assert.notEqual(stale, fresh);
});

test('a fresh connection that is reset is no stale one', async (t) => {
  const upstream = await openUpstream(t, ({ request }) => request.socket.resetAndDestroy());
  const stage = await gatewayFor(t, upstream, { retry: { max: 0 }, breaker: { open: 7200, open_max: 7200 } });
  const response = await post(stage);
  assert.equal(response.status, 502);
  assert.equal(upstream.visits.length, 1);
});

for (const [coding, compress] of [
  ['gzip', gzipSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
] as const) {
  test(`an answer that comes in ${coding} although identity was asked for is decoded`, async (t) => {
    const bodies = [message, opening + closing];
    const upstream = await openUpstream(t, ({ index, request, response }) => {
      assert.equal(request.headers['accept-encoding'], 'identity');
      const coded = compress(bodies[index - 1] ?? '');
      response.writeHead(200, {
        ...(index === 1 ? json : sse),
        'content-encoding': coding,
        'content-length': coded.length,
      });
      response.end(coded);
    });
    const stage = await gatewayFor(t, upstream);
    for (const body of bodies) {
      const response = await post(stage, { body: body === message ? ask() : streamed });
      assert.equal(response.headers.get('content-encoding'), null);
      assert.equal(await response.text(), body);
    }
  });
}

test('what is decoded after its attempt has failed is not put before the next one', async (t) => {
  const half = gzipSync(`${opening}: ${'x'.repeat(2 ** 20)}\n\n`);
  const upstream = await openUpstream(t, ({ index, response }) => {
    if (index > 1) return void response.writeHead(200, sse).end(opening + closing);
    response.writeHead(200, { ...sse, 'content-encoding': 'gzip' });
    // In one packet with the head: the connection is broken before its first byte can be decoded.
    response.write(half, () => response.destroy());
  });
  const stage = await gatewayFor(t, upstream);
  const follower = new MessageStream();
  follower.feed(Buffer.from(await (await post(stage, { body: streamed })).text()));
  // A second message_start would be a fault.
  assert.deepEqual([follower.fault, follower.stopped], [null, true]);
});

test('a request with a content-encoding passes as it is, and once', async (t) => {
  const upstream = await openUpstream(t, refuseOverloaded);
  const stage = await gatewayFor(t, upstream);
  const coded = gzipSync(ask());
  const response = await post(stage, { headers: { 'content-encoding': 'gzip' }, body: coded });
  assert.equal(response.status, 529);
  assert.equal(upstream.visits.length, 1);
  assert.deepEqual((await upstream.visit(1)).body, coded);
  assert.equal((await upstream.visit(1)).request.headers['content-encoding'], 'gzip');
});

test('a 429 keeps every caller of that model and key away until retry-after, and nobody else', async (t) => {
  const waitMs = 400;
  const arrivedMs: number[] = [];
  let limitedOnce = false;
  const upstream = await openUpstream(t, (visit) => {
    const ours = visit.body.includes(model) && visit.request.headers['x-api-key'] === key['x-api-key'];
    if (ours) arrivedMs.push(systemClock.now());
    if (!ours || limitedOnce) return answerWhole(visit);
    limitedOnce = true;
    visit.response.writeHead(429, { ...json, 'retry-after-ms': String(waitMs) }).end(limited);
  });
  const stage = await gatewayFor(t, upstream);
  const first = post(stage);
  await (await upstream.visit(1)).closed;
  const others = [ask({ model: 'claude-opus-5' }), ask({ model: 'claude-sonnet-5' })];
  const second = post(stage);
  for (const body of others) assert.equal((await post(stage, { body })).headers.get('ridethrough-attempts'), '1');
  assert.equal((await post(stage, { headers: { 'x-api-key': 'sk-ant-other' } })).status, 200);
  for (const response of [await first, await second]) assert.equal(response.status, 200);
  const [limitedMs = 0, ...later] = arrivedMs;
  assert.equal(later.length, 2);
  for (const ms of later) assert.ok(ms - limitedMs >= waitMs, `came back after ${ms - limitedMs} ms`);
});

test('a rate limit that outlasts the deadline is told at once, also to those who were never limited', async (t) => {
  const upstream = await openUpstream(t, ({ response }) => {
    response.writeHead(429, { ...json, 'retry-after': '40' }).end(limited);
  });
  const stage = await gatewayFor(t, upstream);
  const headers = { 'ridethrough-deadline': '20' };
  const first = await post(stage, { headers });
  assert.deepEqual(
    [first.status, first.headers.get('x-should-retry'), first.headers.get('retry-after')],
    [429, 'true', '40'],
  );
  const second = await post(stage, { headers });
  assert.deepEqual([second.status, second.headers.get('x-should-retry')], [429, 'true']);
  assert.equal(second.headers.get('ridethrough-attempts'), '0');
  assert.ok(Number(second.headers.get('retry-after')) > 20);
  assert.equal(upstream.visits.length, 1);
});

test('a breaker opens for its model alone, and spares the upstream', async (t) => {
  const changes: BreakerEvent[] = [];
  const upstream = await openUpstream(t, (visit) => {
    if (visit.body.includes(model)) refuseOverloaded(visit);
    else answerWhole(visit);
  });
  const observer = { breaker: (event: BreakerEvent) => changes.push(event) };
  const stage = await gatewayFor(t, upstream, { breaker: { failures: 3, open: 7200, open_max: 7200 }, observer });
  const failed = await post(stage, { headers: { 'ridethrough-deadline': '0.5' } });
  assert.equal(failed.status, 529);
  assert.deepEqual(changes, [{ route: `default/${model}`, state: 'open' }]);
  assert.equal(upstream.visits.length, 3);
  const spared = await post(stage, { headers: { 'ridethrough-deadline': '0.1' } });
  assert.deepEqual([spared.status, spared.headers.get('ridethrough-origin')], [529, 'gateway']);
  assert.equal(upstream.visits.length, 3);
  const other = await post(stage, { body: ask({ model: 'claude-opus-5' }) });
  assert.deepEqual([other.status, other.headers.get('ridethrough-attempts')], [200, '1']);
});

test('the answer tells what was done for it, and which wish was not understood', async (t) => {
  const upstream = await openUpstream(t, (visit) => (visit.index === 1 ? refuseOverloaded : answerWhole)(visit));
  const stage = await gatewayFor(t, upstream);
  const { headers } = await post(stage, { headers: { 'ridethrough-speed': 'fast' } });
  assert.match(headers.get('ridethrough-id') ?? '', /^[0-9a-z]{20}$/);
  assert.deepEqual(
    ['attempts', 'route', 'recovered', 'warning'].map((name) => headers.get(`ridethrough-${name}`)),
    ['2', `default/${model}`, 'retry', 'unknown header ridethrough-speed'],
  );
  assert.equal(headers.get('request-id'), 'req_011Test');
  const [first] = upstream.visits;
  assert.deepEqual(
    Object.keys(first?.request.headers ?? {}).filter((name) => name.startsWith('ridethrough')),
    [],
  );
});

test('an upstream that keeps its body open after message_stop holds nobody up', async (t) => {
  const upstream = await openUpstream(t, ({ response }) => void response.writeHead(200, sse).write(opening + closing));
  const stage = await gatewayFor(t, upstream);
  assert.equal(await (await post(stage, { body: streamed })).text(), opening + closing);
  await (await upstream.visit(1)).closed;
});

test('a stream that ends without message_stop gets one', async (t) => {
  const cut = opening + closeText + end('end_turn');
  const upstream = await openUpstream(t, ({ response }) => void response.writeHead(200, sse).end(cut));
  const stage = await gatewayFor(t, upstream);
  assert.equal(await (await post(stage, { body: streamed })).text(), cut + stop);
});

test('tool arguments that are no JSON are asked for again once, then passed as they came', async (t) => {
  const tool = open(0, { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} });
  const broken = start + tool + delta(0, { type: 'input_json_delta', partial_json: '{"a":' }) + closeText;
  const whole = broken + end('tool_use') + stop;
  const upstream = await openUpstream(t, ({ response }) => void response.writeHead(200, sse).end(ping + whole));
  const stage = await gatewayFor(t, upstream);
  const response = await post(stage, { body: streamed });
  assert.equal(response.headers.get('ridethrough-warning'), 'the arguments of a tool are not JSON');
  assert.equal(await response.text(), ping + whole);
  assert.equal(upstream.visits.length, 2);
});

test('a stream that nobody asked for is told in one piece, and an error in it is judged as what it is', async (t) => {
  const errorEvent = (json: string) => `event: error\ndata: ${json}\n\n`;
  const invalid = '{"type":"error","error":{"type":"invalid_request_error","message":"No"}}';
  const answers = [errorEvent(overloaded), opening, opening + closing, start + errorEvent(invalid), message];
  const upstream = await openUpstream(t, ({ index, response }) => {
    response.writeHead(200, sse).end(answers[index - 1]);
  });
  const stage = await gatewayFor(t, upstream);
  const healed = await post(stage);
  assert.deepEqual([healed.status, healed.headers.get('content-type')], [200, 'application/json']);
  assert.deepEqual((await healed.json()).content, [{ type: 'text', text: 'Hello' }]);
  assert.equal(upstream.visits.length, 3);
  const told = await post(stage);
  assert.deepEqual([told.status, await told.text()], [400, invalid]);
  const mislabelled = await post(stage);
  assert.deepEqual([mislabelled.status, await mislabelled.text()], [200, message]);
});

test('a GET that breaks off is asked for again also where its length is unknown or it comes compressed', async (t) => {
  const page = Buffer.from(`{"data":[${'1,'.repeat(500)}1]}`);
  for (const coding of ['identity', 'gzip'] as const) {
    const sent = coding === 'gzip' ? gzipSync(page) : page;
    const upstream = await openUpstream(t, ({ response, index }) => {
      response.writeHead(200, { ...json, 'content-encoding': coding });
      if (index === 2) response.end(sent);
      else response.write(sent.subarray(0, 20), () => response.destroy());
    });
    const stage = await gatewayFor(t, upstream);
    const models = await fetch(`${stage.gateway.url}/v1/models`, { headers: key });
    assert.equal(models.headers.get('content-encoding'), coding);
    assert.equal(await models.text(), page.toString());
    assert.equal(upstream.visits.length, 2);
  }
});

test('an answer to a GET that grows large is passed on as it comes', { timeout: 20_000 }, async (t) => {
  const piece = Buffer.alloc(2 ** 20, ' ');
  const upstream = await openUpstream(t, ({ response }) => void response.writeHead(200, json).write(piece));
  const stage = await gatewayFor(t, upstream);
  const asked = fetch(`${stage.gateway.url}/v1/files`, { headers: key });
  const { response } = await upstream.visit(1);
  response.write('{"da');
  const answer = await asked;
  response.end('ta":[]}');
  assert.equal((await answer.arrayBuffer()).byteLength, piece.length + 11);
});

test('a GET that breaks off is asked for again; a batch is not created twice', async (t) => {
  const page = `{"data":[${'1,'.repeat(500)}1]}`;
  const cut = ({ response, index }: Visit) => {
    if (index === 2) return void response.writeHead(200, json).end(page);
    response
      .writeHead(200, { ...json, 'content-length': page.length })
      .write(page.slice(0, 500), () => response.destroy());
  };
  const upstream = await openUpstream(t, cut);
  const stage = await gatewayFor(t, upstream);
  const models = await fetch(`${stage.gateway.url}/v1/models`, { headers: key });
  assert.equal(await models.text(), page);
  assert.equal(upstream.visits.length, 2);
  const batch = fetch(`${stage.gateway.url}/v1/messages/batches`, {
    method: 'POST',
    headers: key,
    body: '{"requests":[]}',
  });
  await assert.rejects(batch.then((response) => response.text()));
  assert.equal(upstream.visits.length, 3);
});
