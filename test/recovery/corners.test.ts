import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Respond } from '../../src/testing/index.ts';
import { memoryStage } from '../engine/memory-stage.ts';
import { delta, open, result, stop } from '../fixtures/stream-events.ts';
import {
  assertTold,
  assertWhole,
  begun,
  breakAfter,
  close,
  end,
  goesOn,
  lastTurns,
  type Sent,
  said,
  sse,
  start,
  textBlock,
  thought,
  whole,
  words,
} from './one-break.ts';

const compaction = (index: number) =>
  open(index, { type: 'compaction', content: null }) +
  delta(index, { type: 'compaction_delta', content: 'so far' }) +
  close(index);
const future = (index: number, kind: string) =>
  open(index, { type: 'future_note', title: 'a' }) + delta(index, { type: kind, text: 'b' }) + close(index);
const search = (index: number) =>
  open(index, { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} }) + close(index);

test('a stream was not continued because the request named a container or a thread of null', async () => {
  for (const body of [{ container: null }, { thread: null }]) {
    await assertWhole({ first: start() + begun(0, words), body }, [whole]);
  }
});

test('an answer that runs in a container is not continued, though the request named none', async () => {
  await assertTold({ first: start({ container: { id: 'container_1', expires_at: 'soon' } }) + begun(0, words) });
});

test('the tokens of a model that cannot but think were those of one that does not', async () => {
  const left = async (model: string) =>
    (await assertWhole({ first: start() + begun(0, words), body: { model } }, [whole])).sent.max_tokens;
  assert.equal(await left('claude-opus-5-5'), (await left('claude-opus-5')) + 1000);
});

test('a model that takes a prefill was asked otherwise because of its effort', async () => {
  const asked = async (config: object) =>
    await breakAfter({
      first: start() + begun(0, words),
      next: (anchor) => start() + said(0, anchor === '' ? ' morning.' : `${anchor} morning.`) + end('end_turn'),
      body: { model: 'claude-opus-4-5', output_config: config },
    });
  const { sent } = await asked({ effort: 'low' });
  assert.deepEqual(lastTurns(sent[1] as Sent), ['assistant']);
});

test('a block with deltas of a new kind was sent back without them', async () => {
  for (const kind of ['text_delta', 'future_delta']) {
    await assertTold({ first: start() + future(0, kind) + begun(1, words) });
  }
});

test('an answer behind a compaction was not continued', async () => {
  const { events, sent } = await breakAfter({ first: start() + compaction(0) + begun(1, words), next: goesOn });
  assert.ok(events.toString().endsWith(stop));
  assert.deepEqual(sent[1]?.messages[1]?.content, [{ type: 'compaction', content: 'so far' }, textBlock(words)]);
});

test('white space that was out after thinking came twice', async () => {
  const { sent } = await assertWhole(
    {
      first: start() + thought(0) + begun(1, '\n\n'),
      next: () => start() + thought(0) + said(1, '\n\nHello') + end('end_turn'),
      body: { thinking: { type: 'adaptive' } },
    },
    [{ type: 'thinking', thinking: 'hm', signature: 'c2ln' }, textBlock('\n\nHello')],
  );
  assert.deepEqual(lastTurns(sent), []);
  assert.equal(sent.max_tokens, 1000);
});

test('white space that was out after another block came twice', async () => {
  await assertWhole(
    {
      first: start() + said(0, words) + begun(1, '\n\n'),
      next: () => start() + said(0, '\n\nHello') + end('end_turn'),
    },
    [textBlock(words), textBlock('\n\nHello')],
  );
});

test('talk about the break that ran out of tokens ended the answer as if it had itself', async () => {
  for (const reason of ['max_tokens', 'stop_sequence']) {
    const talk = () => start() + said(0, 'I had said all that there was to be said.') + end(reason);
    await assertWhole({ first: start() + said(0, words), next: talk }, [textBlock(words)]);
  }
});

test('JSON and cited text that were released by delta were continued in the middle', async () => {
  const headers = ['ridethrough-release', 'delta'];
  const format = { type: 'json_schema', schema: { type: 'object' } };
  await assertTold({ first: start() + begun(0, '{"city":"Par'), headers, body: { output_config: { format } } });
  const tools = [{ type: 'web_search_20260209', name: 'web_search' }];
  await assertTold({ first: start() + begun(0, words), headers, body: { tools } });
  await assertWhole({ first: start() + begun(0, words), headers }, [whole]);
});

test('an answer was continued after a server tool that was out without its result', async () => {
  const first = start() + said(0, words) + search(1);
  await assertTold({ first, headers: ['ridethrough-release', 'delta'] });
});

test('usage counted the input of the continuation, not its searches, and its hidden thinking', async () => {
  const own = { input_tokens: 100, cache_read_input_tokens: 7, output_tokens: 1, server_tool_use: { requests: 0 } };
  const searched = search(1) + result(2, 'srvtoolu_1');
  const { usage } = await assertWhole(
    {
      first: start({ usage: own }) + said(0, 'Look: ') + searched + begun(3, words),
      next: (anchor) =>
        start() +
        open(0, { type: 'thinking', thinking: '', signature: '' }) +
        delta(0, { type: 'signature_delta', signature: 'x' }) +
        close(0) +
        said(1, `${anchor} morning.`) +
        end('end_turn', {
          ...{ input_tokens: 999, cache_read_input_tokens: 900, cache_creation_input_tokens: 3, output_tokens: 520 },
          ...{ server_tool_use: { requests: 1 }, output_tokens_details: { thinking_tokens: 480 } },
        }),
    },
    [
      textBlock('Look: '),
      { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} },
      { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1' },
      whole,
    ],
  );
  const { output_tokens: output, ...rest } = usage as { output_tokens: number };
  const expected = { input_tokens: 100, cache_read_input_tokens: 7, server_tool_use: { requests: 1 } };
  assert.deepEqual(rest, expected);
  // 24 tokens before, and 40 that were no thinking, of which 12 repeat.
  assert.equal(output, 24 + 40 - 12);
});

for (const [kind, block] of [
  ['text_delta', future(0, 'text_delta')],
  ['future_delta', future(0, 'future_delta')],
] as const) {
  test(`an answer in one piece lacked what came as ${kind} in a block of a new kind`, async () => {
    const answer = {
      type: 'message',
      content: [{ type: 'future_note', title: 'a', text: 'b' }],
      stop_reason: 'end_turn',
    };
    const { reply, asked } = collect(start() + block + end('end_turn'), answer);
    await asked;
    assert.deepEqual(JSON.parse(Buffer.concat(reply.chunks).toString()), answer);
  });
}

test('an answer in one piece lacked the content of its compaction', async () => {
  const { reply, asked } = collect(start() + compaction(0) + said(1, 'Hi') + end('end_turn'), {});
  await asked;
  const { content } = JSON.parse(Buffer.concat(reply.chunks).toString());
  assert.deepEqual(content, [{ type: 'compaction', content: 'so far' }, textBlock('Hi')]);
});

/** Asks for a long answer in one piece, before an upstream with a stream and an answer in one piece. */
function collect(stream: string, answer: object) {
  const stage = memoryStage((request, respond: Respond) => {
    const asked: Sent = JSON.parse(Buffer.from(request.body as Uint8Array).toString());
    if (asked.stream) respond.answer(200, sse, stream);
    else respond.answer(200, ['content-type', 'application/json'], JSON.stringify(answer));
  });
  const { reply } = stage.ask({ body: { max_tokens: 8192 } });
  return { reply, asked: stage.clock.runUntil(() => reply.state === 'ended') };
}
