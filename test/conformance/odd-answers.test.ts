import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, gatewayFor, post, streamed } from './calls.ts';
import { json, limited, message, openUpstream, overloaded, sse } from './upstream.ts';

/** A call that has used its retries is told so: the next free turn is beyond its deadline. */
const afterRetriesTold = { breaker: { failures: 1000, open: 7200, open_max: 7200 }, budget: { floor: 1000 } };

test('an answer that says its error is null is an answer', { timeout: 20_000 }, async (t) => {
  const answer = message.replace('{', '{"error":null,');
  const upstream = await openUpstream(t, ({ response }) => void response.writeHead(200, json).end(answer));
  const stage = await gatewayFor(t, upstream);
  const response = await post(stage);
  assert.deepEqual([response.status, await response.text(), upstream.visits.length], [200, answer, 1]);
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
