import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asksForLongContext, betasNamedIn, betasOf, refusedBetas, withoutBetas } from './betas.ts';
import { modelFacts } from './models.ts';

const headers = ['Anthropic-Beta', 'context-1m-2025-08-07, effort-2025-11-24', 'accept', '*/*', 'anthropic-beta', 'a'];

test('betas are read from all headers of the name', () => {
  assert.deepEqual(betasOf(headers), ['context-1m-2025-08-07', 'effort-2025-11-24', 'a']);
  assert.deepEqual([asksForLongContext(headers), asksForLongContext(['anthropic-beta', 'x'])], [true, false]);
});

test('a beta that is left out leaves the others, and every other header, where they stand', () => {
  const without = (...betas: string[]) => withoutBetas(headers, new Set(betas));
  assert.deepEqual(without('effort-2025-11-24'), ['Anthropic-Beta', 'context-1m-2025-08-07', ...headers.slice(2)]);
  assert.deepEqual(without('a'), ['Anthropic-Beta', 'context-1m-2025-08-07,effort-2025-11-24', 'accept', '*/*']);
  assert.equal(without(), headers);
});

test('what an upstream refuses is what it names, in a sentence about the header', () => {
  const betas = ['effort-2025-11-24', 'effort'];
  const says = 'Unexpected value(s) `effort-2025-11-24` for the `anthropic-beta` header.';
  assert.deepEqual(betasNamedIn(says, betas), ['effort-2025-11-24']);
  assert.deepEqual(betasNamedIn('messages: `effort` is not permitted', betas), []);
});

test('a model of 200,000 tokens is not asked for a million', () => {
  const refused = (model: string) => refusedBetas(betasOf(headers), modelFacts(model));
  assert.deepEqual(refused('claude-haiku-4-5'), ['context-1m-2025-08-07']);
  for (const model of ['claude-sonnet-4-5', 'claude-sonnet-5-5', 'unheard-of']) assert.deepEqual(refused(model), []);
});
