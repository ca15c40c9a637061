import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorEnvelope, errorEvent, messageStopEvent, pingEvent } from './envelope.ts';

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString();

test('an envelope has all members of the API’s own', () => {
  assert.deepEqual(
    JSON.parse(textOf(errorEnvelope('api_error', 'It "broke".', { code: 'ECONNRESET', requestId: 'req_1' }))),
    {
      type: 'error',
      error: { type: 'api_error', message: 'It "broke".', details: { error_code: 'ECONNRESET' } },
      request_id: 'req_1',
    },
  );
  assert.deepEqual(JSON.parse(textOf(errorEnvelope('api_error', 'x'))), {
    type: 'error',
    error: { type: 'api_error', message: 'x', details: null },
    request_id: null,
  });
});

test('a body of many lines becomes one data line with the same meaning', () => {
  const body = { type: 'error', error: { type: 'api_error', message: 'a\nb\r\nc – é' } };
  const bytes = Buffer.from(JSON.stringify(body, null, 2).replaceAll('\n', '\r\n'));
  const before = Buffer.from(bytes);
  const match = /^event: error\ndata: ([^\r\n]*)\n\n$/.exec(textOf(errorEvent(bytes)));
  assert.deepEqual(JSON.parse(match?.[1] ?? ''), body);
  assert.deepEqual(bytes, before);
});

test('ping and terminator are whole events', () => {
  for (const [event, type] of [
    [pingEvent, 'ping'],
    [messageStopEvent, 'message_stop'],
  ] as const) {
    const match = /^event: (\w+)\ndata: (.*)\n\n$/.exec(textOf(event));
    assert.equal(match?.[1], type);
    assert.deepEqual(JSON.parse(match?.[2] ?? ''), { type });
  }
});
