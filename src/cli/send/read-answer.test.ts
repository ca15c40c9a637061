import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeFailure, failureStatus } from './failure.ts';
import { readMessage, readStream } from './read-answer.ts';

const event = (name: string, data: object) => `event: ${name}\ndata: ${JSON.stringify({ type: name, ...data })}\n\n`;
const text = (value: string) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: value } });
const thinking = event('content_block_delta', { index: 0, delta: { type: 'thinking_delta', thinking: 'hm' } });
const ending = event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } });

async function read(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>) {
  let said = '';
  const end = await readStream(chunks, (piece) => {
    said += piece;
  });
  return { said, ...end };
}

test('a stream gives its text and why it ended, however it is cut into chunks', async () => {
  const bytes = Buffer.from(thinking + text('Grüße, ') + text('Welt') + ending);
  const whole = await read([bytes]);
  assert.deepEqual(whole, { said: 'Grüße, Welt', stopReason: 'end_turn', failure: null });
  assert.deepEqual(await read(Array.from(bytes, (byte) => Uint8Array.of(byte))), whole);
});

test('an error event ends the reading, and a broken connection counts as an error', async () => {
  const error = { error: { type: 'overloaded_error', message: 'Overloaded' } };
  const failed = await read([Buffer.from(text('Well') + event('error', error) + text('ignored'))]);
  assert.equal(failed.said, 'Well');
  assert.match(Buffer.from(failed.failure ?? []).toString(), /overloaded_error/);
  const broken = await read(
    (async function* () {
      yield Buffer.from(text('Well'));
      throw new TypeError('terminated');
    })(),
  );
  assert.equal(broken.said, 'Well');
  assert.match(Buffer.from(broken.failure ?? []).toString(), /broke off/);
});

test('the text of a whole answer is that of all its text blocks', () => {
  const content = [
    { type: 'thinking', thinking: 'hm' },
    { type: 'text', text: 'One ' },
    { type: 'text', text: 'two' },
  ];
  assert.deepEqual(readMessage({ content, stop_reason: 'max_tokens' }), { text: 'One two', stopReason: 'max_tokens' });
});

test('a failure is told with all that is known of it, and with what to do', () => {
  const body = Buffer.from('{"type":"error","error":{"type":"rate_limit_error","message":"Slow down."}}');
  const line =
    'ridethrough: rate_limit_error (status 429, request-id req_1): Slow down: wait a moment and send it again.';
  assert.equal(describeFailure(429, body, 'req_1'), line);
  const challenge = 'Cloudflare answered 403 with a browser challenge: send from another network.';
  const error = { error: { type: 'permission_error', message: challenge } };
  assert.match(describeFailure(403, Buffer.from(JSON.stringify(error)), null), /: send from another network\.$/);
  assert.match(describeFailure(502, Buffer.from('<html>'), null), /unknown error \(status 502\)/);
  assert.deepEqual([failureStatus(401), failureStatus(404), failureStatus(529)], [2, 1, 1]);
});
