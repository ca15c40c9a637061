import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectedAnswer } from './answer.ts';
import type { JsonObject } from './message.ts';
import { refusalOf } from './refusals.ts';

const user = { role: 'user', content: 'Hi' };
const base = { model: 'claude-opus-5-5', max_tokens: 100, messages: [user] };
const use = { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'a', input: {} }] };
const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'ok' }] };
const prefill = { role: 'assistant', content: 'The answer is' };

const refused: [string, JsonObject, RegExp, number?][] = [
  ['no model', { max_tokens: 1, messages: [user] }, /^model: Field required$/],
  ['an unknown model', { ...base, model: 'claude-none' }, /^model: claude-none$/, 404],
  ['no max_tokens', { model: base.model, messages: [user] }, /^max_tokens: Field required$/],
  ['max_tokens of 0', { ...base, max_tokens: 0 }, /greater than or equal to 1/],
  ['max_tokens over the model', { ...base, max_tokens: 128_001 }, /^max_tokens: 128001 > 128000, which is the maximum/],
  ['no messages', { ...base, messages: [] }, /at least one message/],
  ['an unknown role', { ...base, messages: [{ role: 'tool', content: 'x' }] }, /^messages\.0\.role/],
  ['an empty message', { ...base, messages: [{ role: 'user', content: '' }, user] }, /non-empty content/],
  [
    'a text block of white space',
    { ...base, messages: [{ role: 'user', content: [{ type: 'text', text: ' \n' }] }] },
    /must contain non-whitespace text/,
  ],
  [
    'a server_tool_use without result before another turn',
    {
      ...base,
      messages: [
        user,
        { role: 'assistant', content: [{ type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} }] },
        user,
      ],
    },
    /^messages\.1\.content\.0: `web_search` tool use with id `srvtoolu_1` was found without/,
  ],
  ['a prefill on a new model', { ...base, messages: [user, prefill] }, /does not support assistant message prefill/],
  [
    'a prefill with thinking on',
    { ...base, model: 'claude-haiku-4-5', thinking: { type: 'enabled' }, messages: [user, prefill] },
    /must start with a thinking block/,
  ],
  [
    'a prefill that ends in white space',
    { ...base, model: 'claude-haiku-4-5', messages: [user, { role: 'assistant', content: 'It is ' }] },
    /cannot end with trailing whitespace/,
  ],
  [
    'a tool_use without result',
    { ...base, messages: [user, use, user] },
    /^messages\.1: `tool_use` ids were found without/,
  ],
  [
    'a tool_result without use',
    { ...base, messages: [user, result] },
    /^messages\.1\.content\.0: unexpected `tool_use_id`/,
  ],
  ['a budget for thinking on a new model', { ...base, thinking: { type: 'enabled' } }, /^thinking\.type/],
  [
    'adaptive thinking on an old model',
    { ...base, model: 'claude-opus-4-5', thinking: { type: 'adaptive' } },
    /^thinking\.type/,
  ],
  ['no thinking on a model that always thinks', { ...base, thinking: { type: 'disabled' } }, /^thinking\.type/],
  ['a forced tool', { ...base, tool_choice: { type: 'any' } }, /^tool_choice\.type/],
  [
    'a prompt too long',
    { ...base, messages: [{ role: 'user', content: 'x'.repeat(4_100_000) }] },
    /^prompt is too long: \d+ tokens > 1000000 maximum$/,
  ],
];

for (const [what, request, message, status = 400] of refused) {
  test(`${what} is refused`, () => {
    const refusal = refusalOf(request, false);
    assert.match(refusal?.message ?? '', message);
    assert.equal(refusal?.status, status);
  });
}

test('what the API takes is taken', () => {
  const served: JsonObject[] = [
    base,
    { ...base, messages: [user, user] },
    { ...base, messages: [user, use, result] },
    { ...base, messages: [user, use, result, { role: 'user', content: 'and?' }] },
    { ...base, model: 'claude-haiku-4-5', messages: [user, prefill] },
    {
      ...base,
      messages: [user, { role: 'assistant', content: [{ type: 'server_tool_use', id: 's', name: 'w', input: {} }] }],
    },
    { ...base, model: 'claude-opus-4-6', thinking: { type: 'enabled', budget_tokens: 1024 } },
  ];
  for (const request of served) assert.equal(refusalOf(request, false), null);
  assert.equal(refusalOf({ model: base.model, messages: [user] }, true), null);
});

const thinking = { ...base, thinking: { type: 'adaptive' } };
const thought = JSON.parse(JSON.stringify(expectedAnswer(thinking).content));
const turn = { role: 'assistant', content: thought };

test('a thinking block is good where it was made, with cache breakpoints or without', () => {
  assert.equal(refusalOf({ ...thinking, messages: [user, turn, user] }, false), null);
  const cached = [
    { role: 'user', content: [{ type: 'text', text: 'Hi', cache_control: { type: 'ephemeral' } }] },
    turn,
    user,
  ];
  assert.equal(refusalOf({ ...thinking, messages: cached }, false), null);
});

test('a thinking block is refused in another conversation, after another system prompt, and when it was edited', () => {
  const edited = { role: 'assistant', content: [{ ...thought[0], thinking: 'else' }, ...thought.slice(1)] };
  for (const request of [
    { ...thinking, messages: [{ role: 'user', content: 'Ho' }, turn, user] },
    { ...thinking, system: 'New.', messages: [user, turn, user] },
    { ...thinking, messages: [user, edited, user] },
  ]) {
    const message = refusalOf(request, false)?.message ?? '';
    assert.match(message, /^messages\.1\.content\.0: Invalid `signature` in `thinking` block/);
  }
});

test('a signature that nobody made is refused, one of another model is passed over', () => {
  const forged = { role: 'assistant', content: [{ ...thought[0], signature: 'EqoBforged' }, ...thought.slice(1)] };
  assert.match(refusalOf({ ...thinking, messages: [user, forged, user] }, false)?.message ?? '', /Invalid `signature`/);
  const elsewhere = { ...thinking, model: 'claude-sonnet-5-5', messages: [user, turn, user] };
  assert.equal(refusalOf(elsewhere, false), null);
});
