import assert from 'node:assert/strict';
import { test } from 'node:test';
import { event, open, stop } from '../fixtures/stream-events.ts';
import { assertWhole, begun, breakAfter, end, said, start, textBlock, whole, words } from './one-break.ts';
import { checkStream } from './protocol-checker.ts';

const first = start() + begun(0, words);
const halfOf = (anchor: string) => anchor.slice(0, 30);
const openEnd = event('message_delta', { delta: { stop_reason: null }, usage: { output_tokens: 7 } });

test('words that were being repeated when the model refused came twice', async () => {
  const next = (anchor: string) => start() + said(0, halfOf(anchor)) + end('refusal');
  await assertWhole({ first, next }, [textBlock(words)], 'refusal');
});

test('words that were being repeated when the context was full came twice', async () => {
  for (const reason of ['model_context_window_exceeded', 'pause_turn', 'some_new_reason']) {
    let asked = 0;
    const next = (anchor: string) =>
      start() +
      (asked++ === 0 ? said(0, halfOf(anchor)) + end(reason) : said(0, `${anchor} morning.`) + end('end_turn'));
    await assertWhole({ first, next }, [whole]);
  }
});

test('a message_delta without a reason was taken for the end of a continuation', async () => {
  await assertWhole({ first, next: (anchor) => start() + openEnd + said(0, `${anchor} morning.`) + end('end_turn') }, [
    whole,
  ]);
  const input = { type: 'object', properties: {} };
  const tool = { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} };
  await assertWhole(
    {
      first: start() + said(0, words) + open(1, tool),
      next: () => start() + openEnd + open(0, tool) + event('content_block_stop', { index: 0 }) + end('tool_use'),
      body: { tools: [{ name: 'f', input_schema: input }] },
    },
    [textBlock(words), tool],
    'tool_use',
  );
});

test('what came in a message_delta without a reason was lost, and talk about the break ended the answer twice', async () => {
  const next = () => start() + said(0, 'All had been said.') + openEnd + end('max_tokens', { server_tool_use: null });
  const { events } = await breakAfter({ first: start() + said(0, words), next });
  const reading = checkStream(events);
  assert.ok(reading.end === 'message');
  assert.equal(events.toString().split('event: message_delta').length, 2);
  assert.equal(reading.message.stop_reason, 'end_turn');
});

test('members beside the delta of a message_delta were lost where an answer was continued', async () => {
  const managed = { context_management: { applied_edits: [] } };
  const last = event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 9 }, ...managed });
  const { events } = await breakAfter({
    first,
    next: (anchor) => start() + said(0, `${anchor} morning.`) + last + stop,
  });
  assert.match(events.toString(), /"context_management":\{"applied_edits":\[\]\}/);
});

test('talk about the break that was dropped was counted in the usage', async () => {
  const talk = 'I had said all that there was to be said, and so I have nothing to add to it any more.';
  const next = () => start() + said(0, talk) + end('end_turn', { output_tokens: 25 });
  const { usage } = await assertWhole({ first: start() + said(0, words), next }, [textBlock(words)]);
  // 22 tokens before, as they are estimated, and none of the 25.
  assert.equal(usage.output_tokens, 22);
});
