import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delta, open, text } from '../fixtures/stream-events.ts';
import {
  assertTold,
  assertWhole,
  begun,
  close,
  end,
  goesOn,
  lastTurns,
  said,
  start,
  textBlock,
  thought,
  whole,
  words,
} from './one-break.ts';

const halfThought = (index: number) => open(index, { type: 'thinking', thinking: '', signature: '' });
const webSearch = { tools: [{ type: 'web_search_20260209', name: 'web_search' }] };

test('an answer that was regenerated after a block of white space was dropped, and its end told as a success', async () => {
  const first = start() + said(0, '\n\n') + halfThought(1);
  for (const opening of ['', '\n\n']) {
    const next = () => start() + said(0, `${opening}Hello there.`) + end('end_turn');
    await assertWhole({ first, next }, [textBlock('\n\n'), textBlock('Hello there.')]);
  }
});

test('what followed a text and a block of white space was dropped', async () => {
  const next = () => start() + said(0, 'And so on.') + end('end_turn');
  const first = start() + said(0, words) + said(1, '\n\n') + halfThought(2);
  await assertWhole({ first, next }, [textBlock(words), textBlock('\n\n'), textBlock('And so on.')]);
});

test('thinking without a word after it was sent back as a turn of its own', async () => {
  const thinking = { type: 'thinking', thinking: 'hm', signature: 'c2ln' };
  const tool = { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} };
  const next = () => start() + thought(0) + said(1, '\n\n') + open(2, tool) + close(2) + end('tool_use');
  const body = { thinking: { type: 'adaptive' } };
  const first = start() + thought(0) + said(1, '\n\n') + open(2, tool);
  const { sent } = await assertWhole({ first, next, body }, [thinking, textBlock('\n\n'), tool], 'tool_use');
  assert.deepEqual(lastTurns(sent), []);
});

test('cited text was sent back without its citations', async () => {
  const citation = { type: 'web_search_result_location', url: 'https://example.org/', encrypted_index: 'Eo8B' };
  const cited = { type: 'text', text: words, citations: [citation] };
  const first =
    start() +
    open(0, { type: 'text', text: '', citations: [] }) +
    text(0, words) +
    delta(0, { type: 'citations_delta', citation }) +
    close(0);
  const { sent } = await assertWhole({ first, next: goesOn, body: webSearch }, [cited, textBlock(' morning.')]);
  assert.deepEqual(sent.messages[1]?.content, [cited]);
});

test('an answer was continued without the container in which its code had run', async () => {
  const run = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'bash_code_execution', input: {} };
  const ran = { type: 'bash_code_execution_tool_result', tool_use_id: 'srvtoolu_1', content: {} };
  const first = start() + open(0, run) + close(0) + open(1, ran) + close(1) + begun(2, words);
  await assertTold({ first, body: { tools: [{ type: 'code_execution_20260120', name: 'code_execution' }] } });
});

const paused = [
  { role: 'user', content: 'Hello' },
  {
    role: 'assistant',
    content: [
      { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'q' } },
      { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] },
    ],
  },
];

test('the answer to a turn that was paused was asked on as if that were a prefill, which most models refuse', async () => {
  for (const model of ['claude-opus-5-5', 'claude-haiku-4-5']) {
    const body = { model, messages: paused, thinking: { type: model.endsWith('5-5') ? 'adaptive' : 'enabled' } };
    const { sent } = await assertWhole({ first: start() + begun(0, words), next: goesOn, body }, [whole]);
    assert.deepEqual(lastTurns(sent), ['assistant', 'user']);
    assert.deepEqual(sent.messages[1]?.content, [...(paused[1]?.content ?? []), textBlock(words)]);
  }
});

test('a tool that was cut behind a turn that was paused was not named', async () => {
  const tool = { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} };
  const first = start() + said(0, words) + open(1, tool);
  const next = () => start() + open(0, tool) + close(0) + end('tool_use');
  const { sent } = await assertWhole({ first, next, body: { messages: paused } }, [textBlock(words), tool], 'tool_use');
  assert.match(String(sent.messages.at(-1)?.content), /call the tool `f`/);
});

test('words that were repeated behind a block of another kind came twice', async () => {
  const fallback = { type: 'fallback', from: { model: 'a' }, to: { model: 'b' } };
  for (const first of [begun(0, words), said(0, words)]) {
    const next = (anchor: string) =>
      start() + open(0, fallback) + close(0) + said(1, `${anchor} morning.`) + end('end_turn');
    await assertWhole({ first: start() + first, next }, [textBlock(words), fallback, textBlock(' morning.')]);
  }
});

test('what came behind a block of another kind without repeating anything was kept', async () => {
  const fallback = { type: 'fallback', from: { model: 'a' }, to: { model: 'b' } };
  const next = () => start() + open(0, fallback) + close(0) + said(1, 'So be it.') + end('end_turn');
  await assertWhole({ first: start() + said(0, words), next }, [textBlock(words), fallback, textBlock('So be it.')]);
});

test('a model whose limit is not known was asked for more tokens than it had taken', async () => {
  const body = { model: 'claude-some-day', thinking: { type: 'adaptive' }, max_tokens: 100_000 };
  const { sent } = await assertWhole({ first: start() + begun(0, words), next: goesOn, body }, [whole]);
  assert.equal(sent.max_tokens, 100_000);
});
