import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frames } from '../../src/faults/api/events.ts';
import { expectedAnswer } from '../../src/faults/index.ts';
import { BrokenInvariant, checkStream } from './protocol-checker.ts';

const event = (type: string, rest: object = {}) => `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;
const message = { id: 'msg_1', role: 'assistant', model: 'm', content: [], stop_reason: null, usage: {} };
const start = event('message_start', { message });
const open = (index: number, block: object = { type: 'text', text: '' }) =>
  event('content_block_start', { index, content_block: block });
const tool = { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} };
const delta = (index: number, value: object) => event('content_block_delta', { index, delta: value });
const text = (index = 0) => delta(index, { type: 'text_delta', text: 'a' });
const close = (index = 0) => event('content_block_stop', { index });
const end = (reason = 'end_turn', usage: object = { output_tokens: 1 }) =>
  event('message_delta', { delta: { stop_reason: reason }, usage });
const stop = event('message_stop');
const failure = event('error', { error: { type: 'api_error', message: 'It broke.' } });
const whole = open(0) + text() + close();

const check = (...parts: string[]) => checkStream(Buffer.from(parts.join('')));

test('a whole stream is the message that was sent', () => {
  const { content, stop_reason, stop_sequence, id, model, usage } = expectedAnswer({
    model: 'claude-opus-5-5',
    thinking: { type: 'adaptive' },
    tools: [{ name: 'f', input_schema: { type: 'object', properties: { a: { type: 'string' } } } }],
    messages: [{ role: 'user', content: 'Hello' }],
  });
  const answer = expectedAnswer({ model, messages: [{ role: 'user', content: 'Hello' }] });
  const sent = { ...answer, id, content, stop_reason, stop_sequence, usage };
  const reading = checkStream(Buffer.from(frames(sent).join('')));
  assert.ok(reading.end === 'message');
  assert.deepEqual(reading.message, { id, model, content, stop_reason, stop_sequence, usage });
});

test('a stream that ends with an error is read as one', () => {
  const reading = check(start, whole, failure);
  assert.ok(reading.end === 'error' && reading.error.type === 'api_error');
  assert.deepEqual(reading.content, [{ type: 'text', text: 'a' }]);
});

for (const [invariant, stream] of [
  ['there is one message_start', [start, start]],
  ['message_start is the first event', [open(0)]],
  ['indices are contiguous', [start, open(1)]],
  ['indices are contiguous', [start, whole, whole]],
  ['a block is closed before the next begins', [start, open(0), open(1)]],
  ['a delta belongs to the open block', [start, open(0), text(1)]],
  ['a delta belongs to an open block', [start, text()]],
  ['has deltas of its own types', [start, open(0, tool), text()]],
  ['has deltas of its own types', [start, open(0, { type: 'future_thing' }), text()]],
  [
    'the input of a tool is a JSON',
    [start, open(0, tool), delta(0, { type: 'input_json_delta', partial_json: '{' }), close()],
  ],
  ['a thought is signed', [start, open(0, { type: 'thinking', thinking: '', signature: '' }), close()]],
  ['only an open block is closed', [start, close()]],
  ['every block is closed before message_delta', [start, open(0), text(), end()]],
  ['no block follows message_delta', [start, end(), open(0)]],
  ['has usage.output_tokens', [start, whole, end('end_turn', {})]],
  ['has a stop_reason', [start, event('message_delta', { delta: {}, usage: { output_tokens: 1 } })]],
  ['stop_reason tool_use comes with', [start, whole, end('tool_use')]],
  ['comes before message_stop', [start, whole, stop]],
  ['message_stop is the last event', [start, whole, end()]],
  ['message_stop is the last event', []],
  ['nothing but pings follows message_stop', [start, whole, end(), stop, whole]],
  ['nothing but pings follows message_stop', [start, whole, failure, stop]],
  ['nothing follows an error', [start, failure, event('ping')]],
  ['every event is one that', [start, event('ridethrough_note')]],
  ["the event's name is the type", [start, 'event: ping\ndata: {"type":"pong"}\n\n']],
  ['one name and one line of data', ['data: {"type":"ping"}\n\n']],
  ['the data is a JSON object', [start, 'event: ping\ndata: {"type":"ping"\n\n']],
  ['ends with a whole event', [start, 'event: ping\ndata: {"type":"ping"}\n']],
] as const) {
  test(`it is told: ${invariant} (${stream.length} parts)`, () => {
    assert.throws(
      () => check(...stream),
      (error) => error instanceof BrokenInvariant && error.message.includes(invariant),
    );
  });
}

test('half a character is no valid UTF-8', () => {
  const bytes = Buffer.from(start + open(0) + delta(0, { type: 'text_delta', text: 'é' }));
  assert.throws(() => checkStream(bytes.subarray(0, bytes.indexOf('é') + 1)), /valid UTF-8/);
});

test('pings may stand anywhere but after an error', () => {
  const ping = event('ping');
  assert.equal(check(ping, start, ping, open(0), ping, text(), close(), end(), ping, stop, ping).end, 'message');
});
