import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anchorOf, squeeze } from './anchor.ts';

const numbered = Array.from({ length: 200 }, (_, i) => `word${i}`).join(' ');

test('an anchor is the end of the text, from a word on, without the white space after it', () => {
  const anchor = anchorOf(`${numbered}.\n\n  `);
  assert.deepEqual(anchor, { text: 'word195 word196 word197 word198 word199.', unique: true });
});

test('a text of nothing but white space has no anchor', () => {
  assert.equal(anchorOf(''), null);
  assert.equal(anchorOf(' \n\t\u00a0\r\n'), null);
});

test('a text shorter than an anchor is its own', () => {
  assert.deepEqual(anchorOf('\n\n I thi'), { text: 'I thi', unique: true });
  assert.deepEqual(anchorOf('aaaa'), { text: 'aaaa', unique: true });
  assert.deepEqual(anchorOf('x'.repeat(39)), { text: 'x'.repeat(39), unique: true });
});

test('an anchor grows until it occurs once, white space not counted', () => {
  const lines = '    return sum(values);\n'.repeat(6);
  const text = `function a() {\n${lines}}\nfunction b() {\n${lines.replaceAll('    ', '\t')}`;
  const anchor = anchorOf(text);
  assert.ok(anchor?.unique);
  assert.match(anchor.text, /\{\s+return sum/);
  assert.equal(squeeze(text).split(squeeze(anchor.text)).length, 2);
});

test('an anchor that never occurs once is as long as one may be', () => {
  const anchor = anchorOf('again '.repeat(1000));
  assert.equal(anchor?.unique, false);
  assert.ok(anchor.text.length > 380 && anchor.text.length <= 400, `${anchor.text.length}`);
  const letters = anchorOf('a'.repeat(1000));
  assert.ok(letters?.unique === false && letters.text.length === 380);
});

test('an anchor is 40 to 400 characters long and ends the text, for any text and cut', () => {
  const texts = [
    numbered,
    '漢字仮名交じり文。'.repeat(9) + numbered + 'x'.repeat(500),
    `|${' '.repeat(90)}|`.repeat(8),
    `${numbered}${' '.repeat(70)}}`,
    'e\u0301\u0302'.repeat(300),
    Array.from({ length: 200 }, (_, i) => `${String.fromCodePoint(0x4e00 + i)}\u0301\u0302`).join(''),
  ];
  for (const text of texts) {
    for (let cut = 1; cut <= text.length; cut++) {
      const released = text.slice(0, cut).trimEnd();
      const anchor = anchorOf(text.slice(0, cut));
      assert.ok(anchor && released.endsWith(anchor.text));
      assert.ok(anchor.text.length <= 400 && anchor.text.length >= Math.min(released.length, 40), anchor.text);
    }
  }
});

test('an anchor begins with a whole character', () => {
  for (const character of ['😀', 'e\u0301', '👩‍👩‍👧', '👍🏽', 'ก็', '\u05e9\u05c1']) {
    // A text without blanks, so that no beginning of a word is near.
    for (let more = 0; more < 30; more++) {
      const anchor = anchorOf(numbered + character.repeat(60) + 'x'.repeat(more));
      assert.ok(anchor);
      const begins = anchor.text.startsWith(character) || anchor.text.startsWith('x') || anchor.text.startsWith('word');
      assert.ok(begins, JSON.stringify(anchor.text));
    }
  }
});

test('marks without end, and halves of pairs, are survived', () => {
  assert.ok(anchorOf(`e${'\u0301'.repeat(5000)}`));
  assert.equal(anchorOf('a\ud83d')?.text, 'a\ud83d');
  assert.ok(anchorOf('\ude00'.repeat(500)));
});
