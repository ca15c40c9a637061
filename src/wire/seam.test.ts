import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ambiguous, continuation, forms } from '../../test/fixtures/continuations.ts';
import { anchorOf } from './anchor.ts';
import { Seam } from './seam.ts';

/** What a continuation comes to, in pieces of `size` characters. */
function join(released: string, text: string, size = 7): { text: string; kind: string; swallowed: number } {
  const seam = new Seam(released);
  let emitted = '';
  for (let at = 0; at < text.length; at += size) emitted += seam.push(text.slice(at, at + size));
  emitted += seam.end();
  return { text: emitted, kind: seam.kind, swallowed: seam.swallowed };
}

const story = 'Once there was a fox that lived at the edge of a wood.';
const foxes = `${story} It slept by day, and at night it went to`;
const anchor = anchorOf(foxes)?.text ?? '';

const joins: [name: string, released: string, continuation: string, emitted: string, kind: string][] = [
  ['the anchor', foxes, `${anchor} the river.`, ' the river.', 'anchored'],
  ['the anchor, nothing after it', foxes, anchor, '', 'anchored'],
  ['white space altered in the anchor', foxes, `${anchor.replaceAll(' ', '\n  ')} the`, ' the', 'anchored'],
  ['a preamble', foxes, `Continuing from where I left off:\n\n${anchor} the`, ' the', 'anchored'],
  ['a preamble that quotes the anchor', foxes, `Continuing after "${anchor}":\n\n${anchor} the`, ' the', 'anchored'],
  ['a quote', foxes, `“${anchor} the`, ' the', 'anchored'],
  ['dots and a quote', foxes, `…"${anchor} the`, ' the', 'anchored'],
  ['a fence', foxes, `\`\`\`text\n${anchor} the`, ' the', 'anchored'],
  ['the whole text again', foxes, `${foxes} the`, ' the', 'anchored'],
  ['a preamble and more than the anchor', foxes, `Sure:\n\nof a wood. ${anchor} the`, ' the', 'anchored'],
  ['the anchor twice', foxes, `${anchor} bed. And ${anchor} bed.`, ` bed. And ${anchor} bed.`, 'anchored'],
  ['nothing repeated', foxes, ' the river.', ' the river.', 'plain'],
  ['less than the anchor', foxes, 'night it went to the river.', ' the river.', 'plain'],
  ['too little', foxes, 'went to the river.', 'went to the river.', 'plain'],
  ['the anchor, after a text of its own', foxes, ` rest, ${anchor} rest`, ` rest, ${anchor} rest`, 'plain'],
  ['the anchor too late', foxes, `Sure:${'\n'.repeat(600)}${anchor}`, `Sure:${'\n'.repeat(600)}${anchor}`, 'plain'],
  ['nothing', foxes, '', '', 'repeating'],
  ['the beginning of the anchor', foxes, anchor.slice(0, 20), '', 'repeating'],
  ['a preamble and the beginning of the anchor', foxes, `Sure:\n${anchor.slice(0, 20)}`, '', 'repeating'],
  ['the end of the anchor', foxes, anchor.slice(-20), '', 'repeating'],
  ['white space only', foxes, '\n', '\n', 'plain'],
  ['inside a word', `${foxes} the ri`, `${anchorOf(`${foxes} the ri`)?.text}ver.`, 'ver.', 'anchored'],
  ['one word', 'I', 'I think so.', ' think so.', 'anchored'],
  ['one word, nothing repeated', 'I', 'n fact I think: I am.', 'n fact I think: I am.', 'plain'],
  ['one word, after a preamble', 'I', 'Going on:\n\nI think', ' think', 'anchored'],
  ['no text yet', '', 'Sure: I think', 'Sure: I think', 'plain'],
  ['only white space yet', '\n\n', '\n\nI think', '\n\nI think', 'plain'],
  ['no text, and none comes', '', '', '', 'plain'],
  ['half a pair', `${foxes} \ud83d`, `${foxes} \ud83d\ude00!`, '\ude00!', 'anchored'],
  ['a combining mark', `${story} Cafe`, `${anchorOf(`${story} Cafe`)?.text}\u0301s`, '\u0301s', 'anchored'],
];

for (const [name, released, text, emitted, kind] of joins) {
  test(`a continuation with ${name} comes out ${kind}, in any pieces`, () => {
    for (const size of [1, 7, text.length + 1]) {
      const swallowed = text.length - emitted.length;
      assert.deepEqual(join(released, text, size), { text: emitted, kind, swallowed }, `pieces of ${size}`);
    }
  });
}

test('white space that was sent already is not sent again, and no other is added', () => {
  const seams: [sent: string, came: string, emitted: string][] = [
    ['', '', ''],
    ['', ' ', ' '],
    ['', '\n\n', '\n\n'],
    [' ', ' ', ''],
    [' ', '', ''],
    [' ', '\n', ''],
    ['\n', '\n\n  ', '\n  '],
    ['\n\n', '\n\n', ''],
    ['\n\n', '\n', ''],
    ['\n\n', ' ', ''],
    ['\n\n', '\n \n', ''],
    ['\n\n  ', '\n\n  ', ''],
    ['\n\n ', '\n\n  ', ' '],
    ['\n  - ', '', ''],
  ];
  for (const [sent, came, emitted] of seams) {
    const released = foxes + sent;
    const end = `${anchorOf(released)?.text}`;
    for (const size of [1, 7, 1000]) {
      const joined = join(released, `${end + came}item`, size);
      assert.equal(joined.text, `${emitted}item`, JSON.stringify({ sent, came, size }));
      assert.equal(join(released, end + came, size).text, emitted, 'at the end');
    }
  }
});

test('text that repeats itself after the seam is left alone', () => {
  for (const rest of [' a'.repeat(2000), '\n| a | b |'.repeat(500), ` bed.\n${foxes}`.repeat(20), 'a'.repeat(5000)]) {
    assert.equal(join(foxes, anchor + rest).text, rest);
    assert.equal(join(foxes, rest).text, rest);
  }
});

test('a line that came several times is not taken for a repetition when it comes again', () => {
  const line = '  total += rows.next().value;\n';
  const released = `function sum(rows) {\n  let total = 0;\n${line.repeat(5)}`;
  assert.equal(join(released, `${line}${line}}\n`).text, `${line}${line}}\n`);
  const once = 'function sum(rows) {\n  let total = 0;\n  return rows.reduce(add, total);\n';
  assert.equal(join(once, '  return rows.reduce(add, total);\n}\n').text, '}\n');
});

test('an indentation may be cut anywhere', () => {
  const released = `if (a) {\n${' '.repeat(20)}`;
  assert.equal(join(released, `${' '.repeat(20)}return;`).text, `${' '.repeat(20)}return;`);
});

test('an anchor that is not unique counts only at the start', () => {
  const released = 'again '.repeat(1000).trimEnd();
  const end = anchorOf(released)?.text ?? '';
  assert.deepEqual(join(released, `${end} and over`), { text: ' and over', kind: 'anchored', swallowed: end.length });
  assert.equal(join(released, `\n"${end} and over`).text, ' and over');
  assert.equal(join(released, `Continuing:\n${end} and over`).kind, 'plain');
});

test('code that names what it repeats with another capital is no preamble', () => {
  const body = '    def run(self):\n        return self.value + self.other\n\n';
  const released = `class A:\n${body}`;
  assert.equal(join(released, `class B:\n${body}`).text, `class B:\n${body}`);
});

test('text goes out as soon as no anchor can come, and is then passed as it comes', () => {
  const seam = new Seam(foxes);
  assert.equal(seam.push('x'.repeat(599)), '');
  assert.equal(seam.kind, 'searching');
  assert.equal(seam.push('xy'), `${'x'.repeat(600)}y`);
  assert.equal(seam.kind, 'plain');
  assert.equal(seam.push(anchor), anchor);
});

test('an anchor may begin with the 600th character, not later', () => {
  const marks = (count: number) => '"'.repeat(count);
  assert.equal(join(foxes, `${marks(599)}${anchor} the`).text, ' the');
  assert.equal(join(foxes, `${marks(600)}${anchor} the`).text, `${marks(600)}${anchor} the`);
});

test('an anchor may overlap one that was none', () => {
  assert.equal(join('a:\na', 'Xa:\na:\na z').text, ' z');
});

test('an anchor that has begun in time is waited for', () => {
  const seam = new Seam(foxes);
  assert.equal(seam.push(`Sure:\n${' '.repeat(590)}${anchor.slice(0, 10)}`), '');
  assert.equal(seam.push(`${anchor.slice(10)} the`), ' the');
  assert.equal(seam.kind, 'anchored');
});

test('white space without end is not kept', () => {
  const blanks = ' '.repeat(100_000);
  const seam = new Seam(foxes);
  assert.equal(seam.push(anchor.slice(0, 10)), '');
  assert.equal(seam.push(blanks), anchor.slice(0, 10) + blanks);
  const after = new Seam(`${foxes} `);
  assert.equal(after.push(`${anchor}\n`), '');
  for (let i = 0; i < 100; i++) assert.equal(after.push(blanks), '');
  assert.equal(after.push('the'), 'the');
  assert.equal(after.swallowed, anchor.length + 1 + 100 * blanks.length);
});

const fixtures = {
  prose: `${story}\n\nIt had:\n\n  - a den,\n  - a river: “the Dee”,\n  - no name.\n\nFoxes sleep by day.\n`,
  unicode: 'Größe 👩‍👩‍👧 und Cafe\u0301 🇩🇪👍🏽: e\u0301\u0302 ﬁ — „naïve“… Ж\n\nद्धि ก็ 한국어',
  chinese: '昔者庄周梦为胡蝶，栩栩然胡蝶也，自喻适志与！不知周也。俄然觉，则蘧蘧然周也。不知周之梦为胡蝶与？',
  hebrew: 'בראשית ברא אלהים את השמים ואת הארץ. והארץ היתה תהו ובהו, וחשך על פני תהום.\n',
  code: 'Run:\n\n```ts\nfor (const row of rows) {\n  if (row === null) {\n    return null;\n  }\n}\n\nreturn rows;\n```\n',
  table: '| model | price | since |\n|-------|------:|-------|\n| small | 1.00 | May |\n| large | 25.00 | June |\n',
  json: '{"rows": [{"id": 1, "tags": ["a", "b"]}, {"id": 2, "tags": []}], "next": null, "text": "a \\"b\\" c"}',
};

for (const [name, whole] of Object.entries(fixtures)) {
  test(`cut at every character and continued in every form, it is whole: ${name}`, () => {
    for (let cut = 0; cut <= whole.length; cut++) {
      const released = whole.slice(0, cut);
      for (const form of forms) {
        for (const choice of [cut, cut * 7 + 5]) {
          const next = continuation(whole, cut, form, choice);
          if (next === null || (cut < 12 && ambiguous(released, next))) continue;
          for (const size of [1, 5, 2000]) {
            const { text } = join(released, next.text, size);
            assert.equal(released + text, whole, `${form} at ${cut}: ${JSON.stringify(next.text)}`);
          }
        }
      }
    }
  });
}
