import assert from 'node:assert/strict';
import { test } from 'node:test';
import { saysEnd } from './kept-reply.ts';

const event = (type: string, data: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;

test('a stream that speaks of its end is not held back as if it had ended', () => {
  const text = 'It ends with\nevent: message_stop\nas always.';
  const delta = event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } });
  assert.equal(saysEnd(Buffer.from(delta)), false);
  assert.equal(saysEnd(Buffer.from(event('message_stop', {}))), true);
  assert.equal(saysEnd(Buffer.from(delta + event('message_stop', {}))), true);
});
