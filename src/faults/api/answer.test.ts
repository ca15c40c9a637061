import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectedAnswer } from './answer.ts';
import { frames } from './events.ts';
import type { ContentBlock, JsonObject, Message } from './message.ts';

const base = { model: 'claude-opus-5-5', max_tokens: 500, messages: [{ role: 'user', content: 'Say something.' }] };
const tool = {
  name: 'book',
  input_schema: {
    type: 'object',
    properties: {
      city: { type: 'string', minLength: 3 },
      nights: { type: 'integer', minimum: 2, maximum: 4 },
      kind: { enum: ['a', 'b'] },
      guests: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } }, minItems: 3 },
      flag: { type: 'boolean' },
      next: { $ref: '#' },
    },
    required: ['city', 'nights'],
  },
};

/** Puts a stream together again, as any client would. */
function collect(stream: readonly string[]): Message {
  const events = stream.map((frame) => JSON.parse(frame.slice(frame.indexOf('\ndata: ') + 7)));
  const message = events[0].message;
  const json: string[] = [];
  for (const { type, index, content_block, delta, usage } of events) {
    if (type === 'content_block_start') message.content[index] = content_block;
    if (type === 'message_delta') Object.assign(message, delta, { usage: { ...message.usage, ...usage } });
    if (type !== 'content_block_delta') continue;
    const block = message.content[index];
    if (delta.type === 'input_json_delta') json[index] = (json[index] ?? '') + delta.partial_json;
    else for (const name of ['text', 'thinking', 'signature']) if (name in delta) block[name] += delta[name];
  }
  for (const [index, text] of json.entries()) if (text !== undefined) message.content[index].input = JSON.parse(text);
  return message;
}

const toolIn = (message: Message) =>
  message.content.find((block): block is ContentBlock & { type: 'tool_use' } => block.type === 'tool_use');

test('equal requests have equal answers, streamed or not, parsed or not; others have others', () => {
  const answer = expectedAnswer(base);
  assert.deepEqual(expectedAnswer(JSON.stringify({ ...base, stream: true })), answer);
  assert.deepEqual(expectedAnswer(Buffer.from(JSON.stringify(base))), answer);
  const other = expectedAnswer({ ...base, messages: [{ role: 'user', content: 'Say something!' }] });
  assert.notEqual(other.id, answer.id);
  assert.notDeepEqual(other.content, answer.content);
  assert.equal(expectedAnswer({ ...base, model: 'claude-haiku-5-5' }).model, 'claude-haiku-5-5');
});

test('the stream of an answer, collected, is the answer', () => {
  for (const request of [
    base,
    { ...base, thinking: { type: 'adaptive' } },
    { ...base, thinking: { type: 'adaptive', display: 'omitted' }, tools: [tool] },
    { ...base, max_tokens: 3 },
    { ...base, output_config: { format: { type: 'json_schema', schema: tool.input_schema } } },
  ]) {
    const answer = expectedAnswer(request);
    assert.deepEqual(collect(frames(answer)), answer);
  }
});

test('max_tokens cuts the text, and says so', () => {
  const whole = expectedAnswer(base);
  const cut = expectedAnswer({ ...base, max_tokens: 5 });
  assert.equal(whole.stop_reason, 'end_turn');
  assert.deepEqual([cut.stop_reason, cut.usage.output_tokens], ['max_tokens', 5]);
  const [first, second] = [whole.content[0], cut.content[0]];
  assert.ok(first?.type === 'text' && second?.type === 'text' && first.text.startsWith(second.text));
});

test('a tool is called with arguments that its schema admits', () => {
  const answer = expectedAnswer({ ...base, tools: [tool] });
  const input: JsonObject = toolIn(answer)?.input ?? {};
  assert.equal(answer.stop_reason, 'tool_use');
  assert.ok(typeof input.city === 'string' && input.city.length >= 3);
  assert.ok(
    typeof input.nights === 'number' && Number.isInteger(input.nights) && input.nights >= 2 && input.nights <= 4,
  );
  assert.ok(input.kind === 'a' || input.kind === 'b');
  assert.ok(Array.isArray(input.guests) && input.guests.length === 3);
  assert.equal(typeof input.flag, 'boolean');
});

test('no tool is called after a tool_result, for tool_choice none, or where only server tools are given', () => {
  const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'x', content: 'ok' }] };
  for (const request of [
    { ...base, tools: [tool], messages: [...base.messages, result] },
    { ...base, tools: [tool], tool_choice: { type: 'none' } },
    { ...base, tools: [{ type: 'web_search_20260209', name: 'web_search' }] },
  ]) {
    assert.equal(toolIn(expectedAnswer(request)), undefined);
  }
});

test('tool_choice names the tool that is called', () => {
  const request = { ...base, tools: [{ ...tool, name: 'other' }, tool], tool_choice: { type: 'tool', name: 'book' } };
  assert.equal(toolIn(expectedAnswer(request))?.name, 'book');
});
