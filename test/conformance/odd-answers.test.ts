import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, closing, gatewayFor, opening, post, streamed } from './calls.ts';
import { json, limited, message, openUpstream, overloaded, sse } from './upstream.ts';

const invalid = '{"type":"error","error":{"type":"invalid_request_error","message":"No"}}';

/** A call that has used its retries is told so: the next free turn is beyond its deadline. */
const afterRetriesTold = { breaker: { failures: 1000, open: 7200, open_max: 7200 }, budget: { floor: 1000 } };

test('an answer that says its error is null is an answer', { timeout: 20_000 }, async (t) => {
  const answer = message.replace('{', '{"error":null,');
  const upstream = await openUpstream(t, ({ response }) => void response.writeHead(200, json).end(answer));
  const stage = await gatewayFor(t, upstream);
  const response = await post(stage);
  assert.deepEqual([response.status, await response.text(), upstream.visits.length], [200, answer, 1]);
});

test('a byte order mark before JSON is no part of it', { timeout: 20_000 }, async (t) => {
  const answers: [status: number, body: string][] = [
    [200, message],
    [200, message],
    [200, invalid],
    [500, invalid],
  ];
  const upstream = await openUpstream(t, ({ index, response }) => {
    const [status, body] = answers[index - 1] ?? [500, ''];
    response.writeHead(status, json).end(`\ufeff${body}`);
  });
  const stage = await gatewayFor(t, upstream);
  assert.equal(await (await post(stage)).text(), message);
  assert.match(await (await post(stage, { body: streamed })).text(), /"text":"Hi"/);
  assert.equal((await post(stage)).status, 400);
  const told = await post(stage);
  assert.equal(Buffer.from(await told.arrayBuffer()).toString(), invalid);
  assert.equal(upstream.visits.length, 4);
});

test('an error that comes as an event under its own status is told without the event', {
  timeout: 20_000,
}, async (t) => {
  const spent = limited.replace('"message"', '"details":{"error_code":"enforced_spend_limit_reached"},"message"');
  const upstream = await openUpstream(t, ({ response }) => {
    response.writeHead(429, sse).end(`event: error\ndata: ${spent}\n\n`);
  });
  const stage = await gatewayFor(t, upstream, afterRetriesTold);
  const response = await post(stage, { body: streamed });
  assert.deepEqual([response.status, response.headers.get('content-type')], [429, 'application/json']);
  assert.equal(await response.text(), spent);
  assert.equal(upstream.visits.length, 1);
});

test('a connection that breaks right after an error is judged by the error', { timeout: 20_000 }, async (t) => {
  const upstream = await openUpstream(t, ({ response }) => {
    response.writeHead(200, sse).write(`event: error\ndata: ${invalid}\n`, () => response.destroy());
  });
  const stage = await gatewayFor(t, upstream, afterRetriesTold);
  for (const body of [streamed, ask()]) assert.equal((await post(stage, { body })).status, 400);
  assert.equal(upstream.visits.length, 2);
});

test('an answer is taken for what its bytes are, whatever it is labelled', { timeout: 20_000 }, async (t) => {
  const events = `\n: hello\n\n${opening}${closing}`;
  const labels = ['text/event-stream', 'application/json', 'text/plain', 'text/html', 'application/octet-stream', null];
  for (const label of labels) {
    let answer = '';
    const upstream = await openUpstream(t, ({ response }) => {
      response.writeHead(200, label === null ? {} : { 'content-type': label }).flushHeaders();
      // In two packets, of which the first does not tell yet what comes.
      response.write(answer.slice(0, 3), () => response.end(answer.slice(3)));
    });
    const stage = await gatewayFor(t, upstream, afterRetriesTold);
    const seen = async (body: string) => {
      const response = await post(stage, { body, headers: { 'ridethrough-deadline': '30' } });
      return [response.status, response.headers.get('content-type')?.split(';')[0], await response.text()];
    };
    answer = events;
    assert.deepEqual(await seen(streamed), [200, 'text/event-stream', events], `events as ${label}`);
    const [status, type, collected] = await seen(ask());
    assert.deepEqual([status, type], [200, 'application/json'], `events as ${label}`);
    assert.match(String(collected), /"text":"Hello"/);
    answer = message;
    assert.match(String((await seen(streamed))[2]), /"text":"Hi"[\s\S]*event: message_stop\n/, `an object as ${label}`);
    assert.equal((await seen(ask()))[2], message, `an object as ${label}`);
    assert.equal(upstream.visits.length, 4);
    answer = invalid;
    for (const body of [streamed, ask()]) assert.deepEqual((await seen(body)).toSpliced(1, 1), [400, invalid]);
    assert.equal(upstream.visits.length, 6);
  }
});

test('an error event is judged by its data, whatever that is, and whether it has a name or not', {
  timeout: 20_000,
}, async (t) => {
  const events = [
    ['event: error\ndata: Overloaded\n\n', 529, 6],
    ['event: error\ndata: Client error "400 Bad Request" for url\n\n', 400, 1],
    ['event: error\ndata: [{"error":{"code":400,"message":"Bad"}}]\n\n', 400, 1],
    ['data: {"error":{"code":402,"message":"Insufficient credits"}}\n\n', 402, 1],
    [`event: error\ndata: ${limited}`, 429, 6],
    [`data: ${overloaded}\r\n`, 529, 6],
    [`event: error\ndata: ${overloaded.slice(0, -1)}`, 502, 6],
    ['event: error\ndata: <html>\ndata: Oops\n\n', 500, 6],
  ] as const;
  for (const [event, status, attempts] of events) {
    const upstream = await openUpstream(t, ({ response }) => void response.writeHead(200, sse).end(event));
    const stage = await gatewayFor(t, upstream, afterRetriesTold);
    for (const body of [streamed, ask()]) {
      const before = upstream.visits.length;
      const response = await post(stage, { body, headers: { 'ridethrough-deadline': '30' } });
      assert.deepEqual([response.status, upstream.visits.length - before], [status, attempts], event);
      assert.ok(!(await response.text()).includes('Oops'));
    }
  }
});
