import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageEvent } from './envelope.ts';
import { Splicer } from './splice.ts';
import { Transcript } from './transcript.ts';

/** A message of which one whole text has been released. */
function released(text: string): Transcript {
  const said = new Transcript();
  said.begin({ usage: { input_tokens: 1, output_tokens: 1 } });
  const block = said.startBlock({ type: 'text', text: '' });
  block.appendText(text);
  block.stopped = true;
  said.commit();
  return said;
}

test('a block of a new kind that begins with text was told twice over', () => {
  const said = released('All of it.');
  const splicer = new Splicer(said, { form: 'anchored', wantsTool: false }, { manyTexts: false, hidesThinking: false });
  const start = { type: 'quotation', text: 'To be' };
  const sent = [
    messageEvent('content_block_start', { index: 0, content_block: start }),
    messageEvent('content_block_stop', { index: 0 }),
  ].map((event) => Buffer.from(splicer.feed(Buffer.from(event))).toString());
  assert.deepEqual(sent, [
    messageEvent('content_block_start', { index: 1, content_block: start }),
    messageEvent('content_block_stop', { index: 1 }),
  ]);
  assert.deepEqual(said.blocks.at(-1)?.start, start);
});
