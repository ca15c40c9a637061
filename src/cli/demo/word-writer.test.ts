import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnsOf, wordWriter } from './word-writer.ts';

function written(columns: number, pieces: readonly string[]): string {
  const parts: string[] = [];
  const write = wordWriter({ write: (part: string) => !!parts.push(part) }, columns);
  for (const piece of pieces) write(piece);
  return parts.join('');
}

test('lines break between words, whatever the pieces', () => {
  const expected = '  one two\n  three\n  four';
  assert.equal(written(10, ['one two three four']), expected);
  assert.equal(written(10, ['one ', 'two ', 'thr', 'ee ', 'four']), expected);
});

test('a word that is longer than a line has one of its own, and colours take no room', () => {
  assert.equal(written(8, ['a ', 'abcdefghij ', 'b']), '  a\n  abcdefghij\n  b');
  const parts: string[] = [];
  const write = wordWriter({ write: (part: string) => !!parts.push(part) }, 9);
  write('one ');
  write('two', (word) => `<colour>${word}</colour>`);
  assert.equal(parts.join(''), '  one <colour>two</colour>');
});

test('no sentence of the demo is wider than the terminal, or than what is easily read', () => {
  assert.equal(columnsOf({ columns: 80 }), 78);
  assert.equal(columnsOf({ columns: 300 }), 100);
  assert.equal(columnsOf({ columns: 0 }), 98);
});
