import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adaptForModel } from './fallback-body.ts';

const hello = [{ role: 'user', content: 'Hello' }];

function adapt(over: Record<string, unknown>, model: string, sentAs?: string) {
  const request = { model: 'claude-opus-5-5', max_tokens: 1024, messages: hello, ...over };
  const result = adaptForModel(Buffer.from(JSON.stringify(request)), model, sentAs);
  if ('refused' in result) return result;
  return { body: JSON.parse(Buffer.from(result.body).toString()) as Record<string, unknown>, adapted: result.adapted };
}

function refusal(over: Record<string, unknown>, model: string): string | null {
  const result = adapt(over, model);
  return 'refused' in result ? (result.refused as string) : null;
}

test('only the model’s name changes where nothing else has to', () => {
  const text =
    '{ "max_tokens": 1.0e3,"big":12345678901234567890, "model" : "claude-opus-5-5",\n"messages":[{"role":"user","content":"\\u00e9"}] }';
  const result = adaptForModel(Buffer.from(text), 'claude-sonnet-5-5', 'team/sonnet "x"');
  assert.ok('body' in result);
  assert.equal(Buffer.from(result.body).toString(), text.replace('"claude-opus-5-5"', '"team/sonnet \\"x\\""'));
  assert.deepEqual(result.adapted, []);
});

test('max_tokens is cut to what the target can write', () => {
  assert.deepEqual(adapt({ max_tokens: 128_000 }, 'claude-haiku-4-5'), {
    body: { model: 'claude-haiku-4-5', max_tokens: 64_000, messages: hello },
    adapted: ['max_tokens=64000'],
  });
  assert.deepEqual(adapt({ max_tokens: 128_000 }, 'claude-new-model'), {
    body: { model: 'claude-new-model', max_tokens: 128_000, messages: hello },
    adapted: [],
  });
});

test('thinking takes the form that the target takes', () => {
  const budget = { type: 'enabled', budget_tokens: 2000, display: 'omitted' };
  const rows: [thinking: object, model: string, result: object | undefined, adapted: string[]][] = [
    [budget, 'claude-opus-4-7', { type: 'adaptive', display: 'omitted' }, ['thinking=adaptive']],
    [budget, 'claude-opus-5-5', { type: 'adaptive', display: 'omitted' }, ['thinking=adaptive']],
    [budget, 'claude-opus-4-6', budget, []],
    [budget, 'claude-haiku-4-5', budget, []],
    [{ type: 'adaptive' }, 'claude-haiku-4-5', undefined, ['thinking=removed']],
    [{ type: 'adaptive' }, 'claude-opus-5-5', { type: 'adaptive' }, []],
    [{ type: 'disabled' }, 'claude-opus-5-5', undefined, ['thinking=removed']],
    [{ type: 'disabled' }, 'claude-fable-5', undefined, ['thinking=removed']],
    [{ type: 'disabled' }, 'claude-sonnet-5-5', { type: 'between_tools' }, ['thinking=between_tools']],
    [{ type: 'disabled' }, 'claude-opus-5', { type: 'disabled' }, []],
    [{ type: 'between_tools' }, 'claude-opus-5-5', { type: 'adaptive' }, ['thinking=adaptive']],
    [{ type: 'between_tools' }, 'claude-haiku-4-5', undefined, ['thinking=removed']],
    [{ type: 'between_tools' }, 'claude-sonnet-5-5', { type: 'between_tools' }, []],
    [{ type: 'of_tomorrow' }, 'claude-opus-5-5', { type: 'of_tomorrow' }, []],
  ];
  for (const [thinking, model, result, adapted] of rows) {
    const got = adapt({ max_tokens: 4096, thinking }, model);
    assert.ok('body' in got);
    assert.deepEqual([got.body.thinking, got.adapted], [result, adapted], `${JSON.stringify(thinking)} for ${model}`);
    assert.deepEqual(got.body.messages, hello);
  }
});

test('a budget of thinking stays below a max_tokens that was cut', () => {
  const got = adapt({ max_tokens: 128_000, thinking: { type: 'enabled', budget_tokens: 100_000 } }, 'claude-haiku-4-5');
  assert.ok('body' in got);
  assert.deepEqual(got.body.thinking, { type: 'enabled', budget_tokens: 32_000 });
  assert.deepEqual(got.adapted, ['max_tokens=64000', 'thinking=enabled']);
  const equal = adapt(
    { max_tokens: 128_000, thinking: { type: 'enabled', budget_tokens: 64_000 } },
    'claude-haiku-4-5',
  );
  assert.ok('body' in equal);
  assert.deepEqual(equal.body.thinking, { type: 'enabled', budget_tokens: 32_000 });
});

test('a target that would refuse the request is not asked', () => {
  const prefill = [...hello, { content: [{ type: 'text', text: '{' }], role: 'assistant' }];
  assert.match(refusal({ messages: prefill }, 'claude-sonnet-5-5') ?? '', /assistant message/);
  assert.equal(refusal({ messages: prefill }, 'claude-haiku-4-5'), null);
  assert.equal(refusal({ messages: prefill }, 'claude-new-model'), null);
  assert.equal(refusal({ messages: [...prefill, ...hello] }, 'claude-sonnet-5-5'), null);
  for (const type of ['any', 'tool']) {
    assert.match(refusal({ tool_choice: { type } }, 'claude-opus-5-5') ?? '', /tool_choice/);
    assert.equal(refusal({ tool_choice: { type } }, 'claude-opus-4-8'), null);
  }
  assert.equal(refusal({ tool_choice: { type: 'auto' } }, 'claude-opus-5-5'), null);
  for (const name of ['speed', 'thread', 'container', 'fallbacks']) {
    assert.match(refusal({ [name]: 'x' }, 'claude-new-model') ?? '', new RegExp(name));
    assert.equal(refusal({ [name]: null }, 'claude-new-model'), null);
  }
});

test('a turn that was paused at a server tool was taken for a prefill, and no other model was asked', () => {
  for (const type of ['server_tool_use', 'web_search_tool_result', 'mcp_tool_result']) {
    const paused = [...hello, { role: 'assistant', content: [{ type: 'text', text: 'I look.' }, { type }] }];
    assert.equal(refusal({ messages: paused }, 'claude-sonnet-5-5'), null);
  }
});

test('a request beyond the target’s context is not sent, but images do not count as text', () => {
  const text = 'word '.repeat(200_000);
  assert.match(refusal({ messages: [{ role: 'user', content: text }] }, 'claude-haiku-4-5') ?? '', /context of 200000/);
  assert.equal(refusal({ messages: [{ role: 'user', content: text }] }, 'claude-opus-5-5'), null);
  const data = 'iVBORw0KGgoAAAANSUhEUgAA'.repeat(100_000);
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data } };
  assert.equal(refusal({ messages: [{ role: 'user', content: [image] }] }, 'claude-haiku-4-5'), null);
});

test('what is no Messages request is refused', () => {
  for (const text of ['', '[]', '{', '{"messages":[]}'])
    assert.ok('refused' in adaptForModel(Buffer.from(text), 'claude-opus-5-5'));
});
