import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editDistance, nearest } from './nearest.ts';

test('edit distance counts insertions, deletions and substitutions', () => {
  assert.equal(editDistance('', 'abc'), 3);
  assert.equal(editDistance('abc', 'abc'), 0);
  assert.equal(editDistance('kitten', 'sitting'), 3);
  assert.equal(editDistance('hodl', 'hold'), 2);
});

test('the nearest key is named, a word unlike all is not', () => {
  assert.equal(nearest('timeout', ['retry', 'timeouts']), 'timeouts');
  assert.equal(nearest('retries', ['replies', 'retry']), 'retry');
  assert.equal(nearest('Hold', ['hold', 'idle']), 'hold');
  assert.equal(nearest('zzzz', ['hold', 'idle']), null);
  assert.equal(nearest('x'.repeat(100_000), ['hold']), null);
});
