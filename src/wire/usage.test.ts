import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageStream } from './message-stream.ts';
import { streamTokens, tokensOf } from './usage.ts';

const event = (name: string, data: object) => `event: ${name}\ndata: ${JSON.stringify({ type: name, ...data })}\n\n`;
const usage = { input_tokens: 12, cache_creation_input_tokens: 3, cache_read_input_tokens: 900, output_tokens: 1 };
const opening =
  event('message_start', { message: { id: 'msg_1', type: 'message', content: [], usage } }) +
  event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } });
const said = 'The tide turns twice a day, because the moon draws the water nearest to it. ';
const delta = event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: said } });

function fed(text: string): MessageStream {
  const stream = new MessageStream();
  stream.feed(Buffer.from(text));
  return stream;
}

test('nothing is known before message_start', () => {
  assert.equal(streamTokens(fed('event: ping\ndata: {"type":"ping"}\n\n')), null);
});

test('the input is known from message_start, the output of a stream that was cut is estimated from its words', () => {
  const tokens = streamTokens(fed(opening + delta.repeat(20)));
  const spoken = (said.length * 20) / 3.5;
  assert.deepEqual({ ...tokens, output: 0 }, { input: 12, cacheWrite: 3, cacheRead: 900, output: 0, estimated: true });
  assert.ok(Math.abs((tokens?.output ?? 0) - spoken) < spoken * 0.1, `${tokens?.output} for about ${spoken}`);
});

test('a stream that has said nothing is billed what message_start counts', () => {
  assert.equal(streamTokens(fed(opening))?.output, 1);
});

test('the last message_delta counts', () => {
  const ends = [5, 77].map((output_tokens) =>
    event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens } }),
  );
  const stop = event('content_block_stop', { index: 0 });
  const tokens = streamTokens(fed(opening + delta + stop + ends.join('')));
  assert.deepEqual(tokens, { input: 12, cacheWrite: 3, cacheRead: 900, output: 77, estimated: false });
});

test('what is no usage, and no count, is null', () => {
  assert.equal(tokensOf([]), null);
  assert.equal(tokensOf(undefined), null);
  const odd = { input_tokens: -1, output_tokens: '5', cache_read_input_tokens: 2.5 };
  assert.deepEqual(tokensOf(odd), { input: null, cacheWrite: null, cacheRead: null, output: null, estimated: false });
});
