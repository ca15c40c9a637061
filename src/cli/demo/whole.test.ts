import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Message } from '@anthropic-ai/sdk/resources/messages';
import { expectedAnswer } from '../../faults/index.ts';
import type { PlannedCall } from './calls.ts';
import { models } from './calls.ts';
import { isWhole } from './whole.ts';

const [own, other] = models;

function planned(fallback: boolean): PlannedCall {
  const messages = [{ role: 'user' as const, content: 'Tell me about tides.' }];
  return {
    request: { model: own, max_tokens: 1024, messages, thinking: { type: 'adaptive' } },
    stream: true,
    fallback,
  };
}

const answerOf = (model: string) =>
  expectedAnswer(JSON.stringify({ ...planned(true).request, model })) as unknown as Message;

test('an answer is whole only with all its blocks, as they are, and its stop reason', () => {
  const whole = answerOf(own);
  const [thinking, text] = whole.content;
  assert.ok(thinking?.type === 'thinking' && text?.type === 'text');
  const textOf = (altered: string) => ({ ...whole, content: [thinking, { ...text, text: altered }] }) as Message;
  assert.equal(isWhole(planned(false), whole), true);
  assert.equal(isWhole(planned(false), textOf(text.text.slice(0, -1))), false);
  assert.equal(isWhole(planned(false), textOf(`${text.text}.`)), false);
  assert.equal(isWhole(planned(false), { ...whole, content: [text] }), false);
  assert.equal(isWhole(planned(false), { ...whole, stop_reason: 'max_tokens' }), false);
  assert.equal(isWhole(planned(false), undefined), false);
});

test("another model's answer, or the rest of one by it, is whole only where the call may fall back", () => {
  const [thinking] = answerOf(own).content;
  const rest = answerOf(other).content.filter((block) => block.type !== 'thinking');
  const continued = { ...answerOf(own), content: [thinking, ...rest] } as Message;
  for (const message of [answerOf(other), continued]) {
    assert.equal(isWhole(planned(true), message), true);
    assert.equal(isWhole(planned(false), message), false);
  }
  assert.equal(isWhole(planned(true), { ...answerOf(own), model: 'claude-haiku-4-5' }), false);
});
