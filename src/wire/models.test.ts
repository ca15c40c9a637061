import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelFacts } from './models.ts';

test('a model is known with and without its date', () => {
  assert.equal(modelFacts('claude-haiku-4-5-20251001'), modelFacts('claude-haiku-4-5'));
  assert.equal(modelFacts('claude-haiku-4-5').prefill, true);
  assert.equal(modelFacts('claude-haiku-4-5').outputTokensMax, 64_000);
});

test('only the 4.5 models take a prefill', () => {
  for (const model of ['claude-opus-4-5', 'claude-sonnet-4-5', 'claude-haiku-4-5'])
    assert.equal(modelFacts(model).prefill, true);
  for (const model of [
    'claude-opus-4-6',
    'claude-sonnet-4-6',
    'claude-mythos-preview',
    'claude-opus-5-5',
    'claude-haiku-5-5',
  ]) {
    assert.equal(modelFacts(model).prefill, false, model);
  }
});

test('of an unknown model nothing is known, and nothing refused', () => {
  for (const model of ['claude-opus-9', 'gpt', '', '__proto__', 'claude-haiku-4-5-2025']) {
    const facts = modelFacts(model);
    assert.deepEqual(
      [facts.prefill, facts.forcedTools, facts.contextTokensMax, facts.outputTokensMax],
      [null, null, null, null],
    );
    assert.equal(facts.thinkingRefused.size, 0);
  }
});
