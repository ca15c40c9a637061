import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectedAnswer } from './answer.ts';
import type { ContentBlock, JsonObject, Message } from './message.ts';
import { refusalOf } from './refusals.ts';
import { type Manner, manners, soundManners, type ToldAnswer } from './script.ts';

const base = {
  model: 'claude-sonnet-5-5',
  max_tokens: 1000,
  messages: [{ role: 'user', content: 'Tell me all. [mark]' }],
};
const words = 'The grid sags, and the plant stays on.\n\nFor five cycles nobody moves; then it is over.';
const text = (value: string): ContentBlock => ({ type: 'text', text: value });
const call: ContentBlock = { type: 'tool_use', id: 'toolu_1', name: 'book', input: { of: 'a' } };
const tools = [{ name: 'book', input_schema: { type: 'object' } }];

/** The request that asks to go on with `given`; the last of its words are quoted. */
function interrupted(request: JsonObject, given: readonly object[], anchor: string | null): JsonObject {
  const ended = anchor === null ? 'was interrupted.' : `was interrupted and ended with ${JSON.stringify(anchor)}.`;
  const turns = [
    { role: 'assistant', content: given as JsonObject[] },
    { role: 'user', content: `Your previous response ${ended} Continue from where you left off.` },
  ];
  return { ...request, messages: [...(request.messages as JsonObject[]), ...turns] };
}

function goesOn(given: readonly object[], anchor: string | null, manner: Manner, told: ToldAnswer): Message {
  return expectedAnswer(interrupted(base, given, anchor), { answers: { '[mark]': told }, continuation: manner });
}

/** The text of a continuation of `words` that was cut after `sent`. */
function textAfter(sent: string, anchor: string, manner: Manner): string {
  const { content } = goesOn([text(sent)], anchor, manner, { content: [text(words)] });
  assert.deepEqual(
    content.map(({ type }) => type),
    ['text'],
  );
  return content[0]?.type === 'text' ? content[0].text : '';
}

test('each manner goes on in its own way, and all but the mistaken ones with the right words', () => {
  const sent = words.slice(0, 33);
  const rest = words.slice(33);
  const anchor = 'the plant stay';
  assert.equal(textAfter(sent, anchor, 'exact'), rest);
  assert.equal(textAfter(sent, anchor, 'repeat'), anchor + rest);
  assert.equal(textAfter(sent, anchor, 'repeat-longer'), sent + rest);
  assert.equal(textAfter(sent, anchor, 'whitespace'), `\nthe\nplant\nstay${rest}`);
  assert.equal(textAfter(sent, anchor, 'preamble'), `Continuing from where I left off:\n\n${anchor}${rest}`);
  assert.equal(textAfter(sent, anchor, 'quote'), `"${anchor}${rest}`);
  assert.equal(textAfter(sent, anchor, 'fence'), `\`\`\`\n${anchor}${rest}`);
  for (const manner of soundManners) assert.ok(textAfter(sent, anchor, manner).endsWith(rest), manner);
});

test('white space at the seam is repeated where it was sent, and is new where it was not', () => {
  assert.equal(textAfter('The grid ', 'grid', 'repeat'), `grid ${words.slice(9)}`);
  assert.equal(textAfter('The grid', 'grid', 'whitespace'), `\ngrid${words.slice(8)}`);
  assert.equal(textAfter('The grid ', 'grid', 'whitespace'), `\ngrid\n${words.slice(9)}`);
});

test('it goes on from what it was given, not from what was sent: what got lost or doubled, shows', () => {
  assert.equal(textAfter(words.slice(0, 10).replace('g', ''), 'rid', 'exact'), words.slice(9));
  assert.equal(textAfter(`${words.slice(0, 10)}a`, 'a', 'exact'), words.slice(11));
});

test('a complete text is followed by the next block; the words are repeated, for they were asked for', () => {
  const { content, stop_reason } = goesOn([text('I will.')], 'I will.', 'exact', {
    content: [text('I will.'), call],
    stop_reason: 'tool_use',
  });
  assert.deepEqual(content, [text('I will.'), call]);
  assert.equal(stop_reason, 'tool_use');
});

test('mistaken manners: prose where a tool belongs, a refusal, nothing', () => {
  const told: ToldAnswer = { content: [text('I will.'), call], stop_reason: 'tool_use' };
  const prose = goesOn([text('I will.')], 'I will.', 'prose', told);
  assert.deepEqual([prose.content.map(({ type }) => type), prose.stop_reason], [['text'], 'end_turn']);
  const refusal = goesOn([text('I wi')], 'I wi', 'refuse', told);
  assert.deepEqual([refusal.content, refusal.stop_reason, refusal.stop_details?.type], [[], 'refusal', 'refusal']);
  assert.deepEqual(goesOn([text('I wi')], 'I wi', 'empty', told).content, []);
});

test('an answer that was made up is continued like one that was told, by another model too', () => {
  for (const more of [{}, { tools, tool_choice: { type: 'none' } }, { thinking: { type: 'adaptive' } }]) {
    const request = { ...base, ...more, messages: [{ role: 'user', content: 'Anything.' }] };
    const whole = expectedAnswer(request);
    const at = whole.content.findIndex((block) => block.type === 'text');
    const block = whole.content[at];
    if (block?.type !== 'text') continue;
    const given = [...whole.content.slice(0, at), text(block.text.slice(0, 60))];
    for (const model of [request.model, 'claude-opus-5-5']) {
      // Another model is not given what it cannot read.
      const readable = given.filter(({ type }) => model === request.model || type !== 'thinking');
      const resumed: JsonObject = { ...interrupted(request, readable, block.text.slice(40, 60)), model };
      assert.equal(refusalOf(resumed, false), null);
      const said = expectedAnswer(resumed, { continuation: 'exact' }).content.filter(({ type }) => type !== 'thinking');
      assert.deepEqual(said, [text(block.text.slice(60)), ...whole.content.slice(at + 1)]);
    }
  }
});

test('thinking anew is signed for the request that asks to go on, and for no other', () => {
  const request = { ...base, thinking: { type: 'adaptive' } };
  const answers = { '[mark]': { content: [text(words)] } };
  const thoughts = [5, 10, 15, 20, 25, 30].flatMap((chars) => {
    const resumed = interrupted(request, [text(words.slice(0, chars))], null);
    const [first] = expectedAnswer(resumed, { answers }).content;
    return first?.type === 'thinking' ? [{ first, resumed }] : [];
  });
  assert.ok(thoughts.length > 0, 'none of six thought anew');
  for (const { first, resumed } of thoughts) {
    const next = { role: 'assistant', content: [first, text('so')] };
    const user = { role: 'user', content: 'And?' };
    const own = { ...resumed, messages: [...(resumed.messages as JsonObject[]), next, user] };
    assert.equal(refusalOf(own, false), null);
    const moved = { ...request, messages: [...request.messages, next, user] };
    assert.match(refusalOf(moved, false)?.message ?? '', /bound to a different conversation/);
  }
});

test('a prefill is gone on with: ours where it broke off, the caller’s own after its words', () => {
  const answers = { '[mark]': { content: [text(words)] } };
  const prefilled = (content: string) => ({
    ...base,
    model: 'claude-haiku-4-5',
    messages: [...base.messages, { role: 'assistant', content }],
  });
  const said = (content: string) => expectedAnswer(prefilled(content), { answers }).content;
  assert.deepEqual(said('The grid'), [text(words.slice(8))]);
  assert.deepEqual(said('Well:'), [text(words)]);
  assert.deepEqual(said('Well:The grid'), [text(words.slice(8))]);
  assert.deepEqual(said(words), []);
});

test('max_tokens is counted from where it goes on', () => {
  const told = { answers: { '[mark]': { content: [text(words)] } }, continuation: 'exact' } as const;
  const request = { ...interrupted(base, [text('The grid ')], 'grid'), max_tokens: 3 };
  const { content, stop_reason, usage } = expectedAnswer(request, told);
  assert.deepEqual([content, stop_reason], [[text('sags, and the ')], 'max_tokens']);
  assert.equal(usage.output_tokens, 3);
});

test('whatever is asked of it, a manner has a name that is known', () => {
  assert.equal(new Set(manners).size, manners.length);
  assert.ok(soundManners.length > 0 && soundManners.length < manners.length);
});
