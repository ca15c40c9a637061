import assert from 'node:assert/strict';
import { test } from 'node:test';
import { marksEnd, openingEnd } from './opening.ts';

test('marks are white space, quotes, dots of omission and a fence with its language', () => {
  for (const marks of ['', '\n\n', '"', '“', '…', '... ', '```\n', '```ts\n', '\n```python\n"', '「', '`']) {
    assert.equal(marksEnd(marks), marks.length, marks);
    assert.equal(marksEnd(`${marks}text "`), marks.length, marks);
  }
  assert.equal(marksEnd('. text'), 0);
});

test('a preamble is a line that begins with a capital and ends in a colon or as a sentence does', () => {
  const preambles = [
    'Continuing from where I left off:\n\n',
    "Sure! I'll go on.\n",
    'Continuing: ',
    'Here is the rest of it…\n\n"',
    '\nÜbrigens weiter:\n\n```\n',
    '继续上文：\n',
  ];
  for (const preamble of preambles) assert.equal(openingEnd(`${preamble}text`), preamble.length, preamble);
});

test('what goes on in a sentence or in code is no preamble', () => {
  const texts = [
    'ing from where:\n',
    ' jumps. Over:\n',
    'class B:\n  ',
    '| A |\n',
    '- Item:\n',
    'Heading\n\nText:\n',
    `A${'a'.repeat(300)}:\n`,
  ];
  for (const text of texts) assert.equal(openingEnd(text), /^\s*/.exec(text)?.[0].length, text);
});
