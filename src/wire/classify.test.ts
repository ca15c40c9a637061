import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Endpoint } from '../core/call.ts';
import { classifyErrorEvent, classifyResponse } from './classify.ts';

const nowMs = Date.parse('2026-11-22T12:00:00Z');

interface Seen {
  readonly headers?: string[];
  readonly endpoint?: Endpoint['name'];
}

function judge(status: number, body: unknown, { headers = [], endpoint = 'messages' }: Seen = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return classifyResponse({ status, headers, body: Buffer.from(text), endpoint, nowMs });
}

const event = (data: unknown) =>
  classifyErrorEvent(Buffer.from(typeof data === 'string' ? data : JSON.stringify(data)), [], nowMs);
const anthropic = (type: string, message: string, code?: string) => ({
  type: 'error',
  error: { type, message, details: code === undefined ? null : { error_code: code } },
  request_id: 'req_1',
});

test('every status has its class, action and type', () => {
  const rows: [status: number, failureClass: string, action: string, type: string][] = [
    [301, 'protocol', 'surface', 'api_error'],
    [400, 'request', 'surface', 'invalid_request_error'],
    [401, 'auth', 'surface', 'authentication_error'],
    [402, 'spend-limit', 'surface', 'billing_error'],
    [403, 'permission', 'surface', 'permission_error'],
    [404, 'request', 'surface', 'not_found_error'],
    [405, 'request', 'surface', 'invalid_request_error'],
    [408, 'timeout', 'retry', 'timeout_error'],
    [409, 'conflict', 'retry', 'conflict_error'],
    [413, 'request', 'surface', 'request_too_large'],
    [418, 'request', 'surface', 'invalid_request_error'],
    [422, 'request', 'surface', 'invalid_request_error'],
    [424, 'server', 'retry', 'api_error'],
    [425, 'server', 'retry', 'api_error'],
    [429, 'rate-limit', 'retry', 'rate_limit_error'],
    [500, 'server', 'retry', 'api_error'],
    [503, 'server', 'retry', 'api_error'],
    [504, 'timeout', 'retry', 'timeout_error'],
    [520, 'server', 'retry', 'api_error'],
    [524, 'timeout', 'retry', 'timeout_error'],
    [529, 'overload', 'retry', 'overloaded_error'],
    [599, 'server', 'retry', 'api_error'],
  ];
  for (const [status, failureClass, action, type] of rows) {
    const failure = judge(status, '');
    assert.deepEqual(
      [failure.status, failure.class, failure.action, failure.type, failure.permanent, failure.body],
      [status, failureClass, action, type, action === 'surface', null],
    );
  }
});

test('a 429 of one model’s overage moves this model’s calls on, and passes with time', () => {
  const headers = [
    'anthropic-ratelimit-unified-representative-claim',
    'seven_day_overage_included',
    'retry-after',
    '60',
  ];
  const { class: failureClass, action, permanent, cooldown, waitMs } = judge(429, '', { headers });
  assert.deepEqual([failureClass, action, permanent, cooldown, waitMs], ['model', 'next-route', false, true, 60_000]);
});

test('money is never waited for, whatever says that it is missing', () => {
  const bodies: [status: number, body: unknown, type: string][] = [
    [429, anthropic('rate_limit_error', 'x', 'enforced_spend_limit_reached'), 'rate_limit_error'],
    [429, anthropic('rate_limit_error', 'x', 'some_new_spend_limit_reached'), 'rate_limit_error'],
    [400, anthropic('invalid_request_error', 'Your credit balance is too low to access the API.'), 'billing_error'],
    [400, anthropic('invalid_request_error', 'You have reached your specified API usage limits.'), 'billing_error'],
    [
      400,
      anthropic('invalid_request_error', 'You have reached your specified workspace API usage limits.'),
      'billing_error',
    ],
    [500, anthropic('api_error', 'Your credit balance is too low to access the API.'), 'billing_error'],
    [402, '', 'billing_error'],
  ];
  for (const [status, body, type] of bodies) {
    for (const headers of [[], ['x-should-retry', 'true'], ['x-should-retry', 'false']]) {
      const failure = judge(status, body, { headers });
      assert.deepEqual(
        [failure.class, failure.action, failure.type, failure.permanent, failure.cooldown],
        ['spend-limit', 'surface', type, true, false],
      );
    }
  }
  assert.equal(event(anthropic('billing_error', 'pay')).status, 402);
  assert.equal(event(anthropic('invalid_request_error', 'Your credit balance is too low.')).status, 402);
});

test('an upload that was too slow may be sent again', () => {
  const failure = judge(400, anthropic('invalid_request_error', 'too slow', 'request_body_timeout'));
  assert.deepEqual([failure.action, failure.permanent, failure.code], ['retry', false, 'request_body_timeout']);
});

test('a 404 of a model sends the call to the next route, any other is surfaced', () => {
  const missing = anthropic('not_found_error', 'model: claude-fable-5');
  const of = (body: unknown, endpoint: Endpoint['name']) => {
    const { class: failureClass, action, permanent } = judge(404, body, { endpoint });
    return [failureClass, action, permanent];
  };
  assert.deepEqual(of(missing, 'messages'), ['model', 'next-route', true]);
  assert.deepEqual(of(anthropic('not_found_error', 'Not found'), 'count_tokens'), ['model', 'next-route', true]);
  assert.deepEqual(of(anthropic('not_found_error', 'gone', 'thread_not_found'), 'messages'), [
    'request',
    'surface',
    true,
  ]);
  assert.deepEqual(of(anthropic('not_found_error', 'file_1'), 'files'), ['request', 'surface', true]);
  assert.deepEqual(of('404 page not found', 'messages'), ['request', 'surface', true]);
});

test('x-should-retry: false means not on this route, and is final for the client’s own errors', () => {
  const headers = ['X-Should-Retry', 'false'];
  for (const status of [408, 429, 500, 503, 504, 529]) {
    const failure = judge(status, '', { headers });
    assert.deepEqual([failure.action, failure.permanent], ['next-route', true], String(status));
  }
  for (const status of [400, 401, 403, 409, 413])
    assert.equal(judge(status, '', { headers }).action, 'surface', String(status));
});

test('x-should-retry: true makes a client error worth a retry, but nothing of a disguised one', () => {
  const headers = ['x-should-retry', 'true'];
  for (const status of [400, 401, 403, 404, 413, 422]) {
    const failure = judge(status, '', { headers });
    assert.deepEqual([failure.action, failure.permanent], ['retry', false], String(status));
  }
  assert.equal(judge(500, anthropic('api_error', 'prompt is too long'), { headers }).action, 'surface');
});

test('the header of a 200 knew nothing of the error after it', () => {
  const bytes = Buffer.from(JSON.stringify(anthropic('api_error', 'Internal server error')));
  assert.equal(classifyErrorEvent(bytes, ['x-should-retry', 'false'], nowMs).action, 'retry');
});

test('waits: a rate limit looks at the buckets, an outage does not', () => {
  const headers = [
    'anthropic-ratelimit-requests-remaining',
    '0',
    'anthropic-ratelimit-requests-reset',
    '2026-11-22T12:00:09Z',
  ];
  assert.deepEqual([judge(429, '', { headers }).waitMs, judge(429, '', { headers }).cooldown], [9000, true]);
  assert.deepEqual([judge(500, '', { headers }).waitMs, judge(500, '', { headers }).cooldown], [null, false]);
  assert.deepEqual([judge(429, '').waitMs, judge(429, '').cooldown], [null, false]);
  assert.deepEqual([judge(503, '', { headers: ['retry-after', '7'] }).waitMs], [7000]);
});

test('a page of the edge is told in one sentence and never shown', () => {
  const html =
    '<!DOCTYPE html><html><head><title>api.anthropic.com |\n 520: Web server</title></head><body>secret page</body></html>';
  const failure = judge(520, html, { headers: ['cf-ray', '590dcacef1a462a5-FRA', 'content-type', 'text/html'] });
  assert.equal(
    failure.message,
    'The edge in front of the API answered 520 with a web page ("api.anthropic.com | 520: Web server", Ray ID 590dcacef1a462a5-FRA).',
  );
  assert.equal(failure.body, null);
  // A page may quote anything: it is not searched for wordings.
  assert.equal(judge(502, '<html><body>prompt is too long</body></html>').class, 'server');
  assert.match(judge(403, html, { headers: ['cf-mitigated', 'challenge'] }).message, /browser challenge/);
});

test('keys that stand in the upstream’s text are masked, and long text is cut', () => {
  const key = 'sk-ant-api03-AbC_d-123';
  const failure = judge(
    401,
    anthropic(
      'authentication_error',
      `invalid x-api-key ${key},\n Authorization: Bearer abc.def-1 ${'x'.repeat(5000)}`,
    ),
  );
  assert.doesNotMatch(failure.message, /AbC|abc\.def|\n/);
  assert.match(failure.message, /invalid x-api-key sk-ant-…, Authorization: Bearer … x+…$/);
  assert.ok(failure.message.length <= 300);
  assert.ok(Buffer.from(failure.body ?? []).includes(key), 'the body itself is verbatim');
});

test('the request id is the header’s, else the body’s, else another cloud’s', () => {
  const body = anthropic('api_error', 'x');
  assert.equal(judge(500, body, { headers: ['request-id', 'req_header'] }).requestId, 'req_header');
  assert.equal(judge(500, body, { headers: ['x-request-id', 'other'] }).requestId, 'req_1');
  for (const name of ['x-request-id', 'apim-request-id', 'x-amzn-requestid']) {
    assert.equal(judge(500, '', { headers: [name, 'other'] }).requestId, 'other');
  }
  assert.equal(judge(500, '').requestId, null);
});

test('a 200 that is no answer is a failure of the protocol, or cut', () => {
  const of = (body: unknown, headers: string[] = []) => {
    const { class: failureClass, code, action, status } = judge(200, body, { headers });
    return [failureClass, code, action, status];
  };
  assert.deepEqual(of(''), ['protocol', 'empty_answer', 'retry', 502]);
  assert.deepEqual(of(' \n'), ['protocol', 'empty_answer', 'retry', 502]);
  assert.deepEqual(of('<html><title>Sign in</title>'), ['protocol', 'not_claude', 'retry', 502]);
  assert.deepEqual(of('OK'), ['protocol', 'not_claude', 'retry', 502]);
  assert.deepEqual(of({ ok: true }), ['protocol', 'not_claude', 'retry', 502]);
  assert.deepEqual(of('{"id":"msg_1","content":[{"type":"te'), ['truncated', 'stream_truncated', 'retry', 502]);
  assert.deepEqual(of(anthropic('overloaded_error', 'Overloaded')), ['overload', null, 'retry', 529]);
  assert.deepEqual(of({ error: { message: 'upstream broke', type: 'upstream_error' } }), [
    'server',
    null,
    'retry',
    500,
  ]);
  assert.match(judge(200, '<html><title>Sign in</title>').message, /not the Claude API.*"Sign in"/);
});

test('an error inside a 200 is what its body says, in the words of every cloud and relay', () => {
  const overloaded = JSON.stringify(anthropic('overloaded_error', 'Overloaded'));
  const rows: [body: unknown, type: string, status: number, action: string][] = [
    [{ error: { code: 400, message: 'Bad', status: 'INVALID_ARGUMENT' } }, 'invalid_request_error', 400, 'surface'],
    [[{ error: { code: 400, message: 'Bad', status: 'INVALID_ARGUMENT' } }], 'invalid_request_error', 400, 'surface'],
    [{ error: { code: 429, status: 'RESOURCE_EXHAUSTED' } }, 'rate_limit_error', 429, 'retry'],
    [{ error: { code: 503, status: 'UNAVAILABLE' } }, 'api_error', 500, 'retry'],
    [{ error: { code: 402, message: 'Insufficient credits' } }, 'billing_error', 402, 'surface'],
    [{ error: { code: '401', message: 'No key', type: null } }, 'authentication_error', 401, 'surface'],
    [{ error: { code: '429', message: 'Slow', type: 'invalid_request_error' } }, 'rate_limit_error', 429, 'retry'],
    [{ error: { code: 502, metadata: { raw: overloaded } } }, 'overloaded_error', 529, 'retry'],
    [{ error: 'Bad Gateway', statusCode: 502 }, 'api_error', 500, 'retry'],
    [{ error: { code: 'invalid', message: 'x' } }, 'api_error', 500, 'retry'],
    [{ error: { code: 200, message: 'x' } }, 'api_error', 500, 'retry'],
    [anthropic('throttlingException', 'x'), 'rate_limit_error', 429, 'retry'],
    [anthropic('validationException', 'x'), 'invalid_request_error', 400, 'surface'],
    [anthropic('modelTimeoutException', 'x'), 'timeout_error', 504, 'retry'],
    [anthropic('modelStreamErrorException', 'x'), 'api_error', 500, 'retry'],
  ];
  for (const [body, ...expected] of rows) {
    for (const failure of [event(body), judge(200, body)]) {
      assert.deepEqual([failure.type, failure.status, failure.action], expected, JSON.stringify(body));
    }
  }
  assert.equal(judge(500, { error: { code: 400, message: 'Bad' } }).action, 'retry');
});

test('an error event that is no JSON is a failure all the same', () => {
  assert.deepEqual(
    [event('upstream died').class, event('upstream died').message, event('upstream died').body],
    ['server', 'upstream died', null],
  );
  assert.equal(event('').message, 'The upstream sent an error without a message.');
  assert.equal(event({ type: 'error', sequence_number: 0, error: { type: 'upstream_error' } }).status, 500);
});

test('a body made to be slow is judged in linear time', () => {
  // With a search that begins anew at every place these would take minutes: the test would not end.
  for (const text of ['<title', '{"error":', '"type": ', '`', '{', '413 ']) {
    assert.equal(judge(500, text.repeat(1_000_000 / text.length)).class, 'server', text);
    assert.equal(judge(200, '<html>'.concat(text.repeat(1_000_000 / text.length))).class, 'protocol', text);
  }
  assert.equal(judge(500, '', { headers: ['retry-after', `${'1'.repeat(1_000_000)}x`] }).waitMs, null);
});

test('no bytes make it throw, and what it says is always one line', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.json().map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(fc.integer({ min: 200, max: 599 }), bytes, (status, body) => {
      const failure = classifyResponse({ status, headers: [], body, endpoint: 'messages', nowMs });
      assert.ok(failure.status >= 300 && failure.message !== '');
      assert.doesNotMatch(failure.message, /\p{Cc}/u);
    }),
  );
});
