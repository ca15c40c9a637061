import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gatewayFor, post } from './calls.ts';
import { json, message, openUpstream } from './upstream.ts';

test('an answer that says its error is null is an answer', { timeout: 20_000 }, async (t) => {
  const answer = message.replace('{', '{"error":null,');
  const upstream = await openUpstream(t, ({ response }) => void response.writeHead(200, json).end(answer));
  const stage = await gatewayFor(t, upstream);
  const response = await post(stage);
  assert.deepEqual([response.status, await response.text(), upstream.visits.length], [200, answer, 1]);
});
