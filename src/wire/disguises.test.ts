import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classifyErrorEvent, classifyResponse } from './classify.ts';

const bytesOf = (body: unknown) => Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
const judge = (status: number, body: unknown) =>
  classifyResponse({ status, headers: [], body: bytesOf(body), endpoint: 'messages', nowMs: 0 });
const event = (data: unknown) => classifyErrorEvent(bytesOf(data), [], 0);
const anthropic = (type: string, message: string) => ({ type: 'error', error: { type, message }, request_id: 'req_1' });

test('plain failures are not taken for disguised client errors', () => {
  for (const message of [
    'Internal server error',
    'Internal server error while reading messages',
    'upstream error: 502 Bad Gateway',
    'request 4001 failed',
    'The model is 400 times busier than usual',
    'tool_use failed',
  ]) {
    assert.equal(judge(500, anthropic('api_error', message)).class, 'server', message);
    assert.equal(event(anthropic('api_error', message)).class, 'server', message);
  }
});

test('a client error is told in every disguise', () => {
  const prompt = 'prompt is too long: 234567 tokens > 200000 maximum';
  const inner = JSON.stringify(anthropic('invalid_request_error', prompt));
  const bodies: unknown[] = [
    anthropic('invalid_request_error', prompt),
    anthropic('api_error', prompt),
    { error: { type: 'server_error', message: prompt } },
    { error: prompt },
    { error: { code: 400, status: 'INVALID_ARGUMENT', message: inner } },
    [{ error: { code: 400, status: 'INVALID_ARGUMENT', message: inner } }],
    { error: { message: `litellm.BadRequestError: AnthropicException - ${inner}`, type: 'None' } },
    { error: { message: JSON.stringify({ error: { message: inner } }) } },
    { detail: `Error code: 400 - {'type': 'error', 'error': {'type': 'invalid_request_error', 'message': 'x'}}` },
    anthropic('api_error', "Client error '400 Bad Request' for url 'http://x/v1/messages'"),
    anthropic(
      'api_error',
      'messages.386: `tool_use` ids were found without `tool_result` blocks immediately after: toolu_1.',
    ),
    anthropic('api_error', 'messages.1.content.0: Invalid `signature` in `thinking` block'),
    anthropic('api_error', 'This model does not support assistant message prefill.'),
  ];
  for (const body of bodies) {
    const shown = JSON.stringify(body);
    const hidden = judge(500, body);
    assert.deepEqual(
      [hidden.class, hidden.action, hidden.type, hidden.status],
      ['request', 'surface', 'invalid_request_error', 500],
      shown,
    );
    const inside = event(body);
    assert.deepEqual(
      [inside.class, inside.action, inside.type, inside.status],
      ['request', 'surface', 'invalid_request_error', 400],
      shown,
    );
  }
});

test('the innermost of several envelopes decides, and the outermost names the request', () => {
  const inner = JSON.stringify({ ...anthropic('authentication_error', 'no such key'), request_id: 'req_inner' });
  const once = { error: { type: 'bad_gateway', message: `upstream said ${inner}` } };
  const bodies: unknown[] = [
    once,
    [once],
    { error: { message: JSON.stringify(once) } },
    { error: JSON.stringify({ error: JSON.stringify(once) }) },
  ];
  for (const body of bodies) {
    const failure = judge(500, body);
    assert.deepEqual(
      [failure.class, failure.message, failure.requestId],
      ['auth', 'no such key', 'req_inner'],
      JSON.stringify(body),
    );
  }
  assert.equal(judge(500, { ...once, request_id: 'req_outer' }).requestId, 'req_outer');
  assert.equal(judge(500, [once]).body, null, 'only an object is passed on as it is');
});

test('a type of the API beats the status of a relay', () => {
  for (const status of [500, 503, 529])
    assert.equal(judge(status, anthropic('invalid_request_error', 'no')).class, 'request');
  assert.equal(judge(400, anthropic('rate_limit_error', 'slow down')).class, 'rate-limit');
});

test('an overload is told in every disguise, and keeps the status it came with', () => {
  const inner = JSON.stringify(anthropic('overloaded_error', 'Overloaded'));
  const bodies: unknown[] = [
    anthropic('overloaded_error', 'Overloaded'),
    anthropic('api_error', 'Overloaded'),
    { error: { type: 'forbidden', message: inner } },
    { error: `Error code: 529 - {'type': 'error', 'error': {'type': 'overloaded_error', 'message': 'Overloaded'}}` },
    'Overloaded',
  ];
  for (const status of [400, 403, 500, 529]) {
    for (const body of bodies) {
      const failure = judge(status, body);
      assert.deepEqual(
        [failure.class, failure.action, failure.status],
        ['overload', 'retry', status],
        JSON.stringify(body),
      );
    }
  }
  for (const body of bodies) assert.deepEqual([event(body).class, event(body).status], ['overload', 529]);
});

test('a generic type yields to a status that says more', () => {
  assert.equal(judge(401, anthropic('invalid_request_error', 'bad key')).class, 'auth');
  assert.equal(judge(429, anthropic('api_error', 'slow down')).class, 'rate-limit');
  assert.equal(judge(504, anthropic('api_error', 'too slow')).class, 'timeout');
  assert.equal(judge(400, anthropic('api_error', 'no')).class, 'request');
});

test('a type that is new is reported as it is, and judged by its status', () => {
  const failure = judge(409, anthropic('memory_path_conflict_error', 'taken'));
  assert.deepEqual([failure.type, failure.class], ['memory_path_conflict_error', 'conflict']);
  assert.equal(judge(403, { error: { type: 'forbidden', message: 'Request not allowed' } }).type, 'permission_error');
});
