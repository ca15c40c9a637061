import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from './nearest.ts';

const known = ['serve', 'send', 'simulate', 'config init', 'config check'];

test('finds what was meant by a slip of the finger', () => {
  assert.equal(nearest('sevre', known), 'serve');
  assert.equal(nearest('simulator', known), 'simulate');
  assert.equal(nearest('config chek', known), 'config check');
});

test('takes a beginning for the word', () => {
  assert.equal(nearest('sim', known), 'simulate');
});

test('does not guess when nothing is near', () => {
  assert.equal(nearest('quixotic', known), null);
  assert.equal(nearest('', known), null);
});
