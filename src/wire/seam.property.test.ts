import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { anchorOf, squeeze } from './anchor.ts';
import { Seam } from './seam.ts';

/** What a model may put before its answer, spelled out apart from the code under test. */
const opening = /^\s*(?:[\p{Lu}\p{Lo}][^\n]{0,200}(?:[:：]|[.!…。！]\s*\n))?(?:```\S*\n|\.\.\.|[\s…"'`“„«‹‘「『])*$/u;
const marks = /^(?:```\S*\n|\.\.\.|[\s…"'`“„«‹‘「『])*$/;

/** One way in which a model may go on from a cut. `repeated`: how much of the released text it says again. */
interface Continuation {
  readonly text: string;
  /** Where its anchor begins; null for those without. */
  readonly anchorAt: number | null;
  /** Characters of the released text it begins with, where it has no anchor. */
  readonly overlapChars: number;
}

const spaces = ['', ' ', '\n', '\n\n', '  ', '\t', ' \n  '];
const preambles = [
  'Continuing from where I left off:\n\n',
  'Sure, here is the rest.\n\n',
  'Continuing: ',
  '继续上文：\n',
];
const openers = ['"', '“', '…', '...', '```\n', '```python\n', '「', '\n\n', ...preambles];

const forms = ['exact', 'anchor', 'spaced', 'seam spaced', 'opened', 'longer', 'shorter'] as const;
type Form = (typeof forms)[number];

/** The continuation of `text` from `cut` in a form; null where the form does not apply. `choice` varies it. */
function continuation(text: string, cut: number, form: Form, choice: number): Continuation | null {
  const released = text.slice(0, cut);
  const rest = text.slice(cut);
  const anchor = anchorOf(released);
  const none = (repeated: number) => ({
    text: released.slice(cut - repeated) + rest,
    anchorAt: null,
    overlapChars: repeated,
  });
  if (form === 'exact') return none(0);
  if (anchor === null) return null;
  const space = released.slice(released.trimEnd().length);
  const repeated = anchor.text.length + space.length;
  const from = (before: string, middle: string, between: string) => ({
    text: before + middle + between + rest,
    anchorAt: before.length,
    overlapChars: 0,
  });
  switch (form) {
    case 'anchor':
      return from('', anchor.text, space);
    case 'spaced':
      return from(
        '',
        anchor.text.replace(/\s+|,(?!$)/g, (run, at) => run.trim() + spaces[(at + choice) % 7]),
        space,
      );
    case 'seam spaced': {
      const between = spaces[choice % spaces.length] ?? '';
      return between.startsWith(space) || /^\s/.test(rest) ? null : from('', anchor.text, between);
    }
    case 'opened': {
      const before = openers[choice % openers.length] ?? '';
      const inline = marks.test(before);
      return anchor.unique || inline ? from(before, anchor.text, space) : null;
    }
    case 'longer': {
      const longer = repeated + 1 + (choice % 550);
      return anchor.unique && longer <= cut
        ? from(released.slice(cut - longer, cut - repeated), anchor.text, space)
        : null;
    }
    case 'shorter': {
      const shorter = 12 + (choice % 100);
      return shorter < repeated ? none(shorter) : null;
    }
  }
}

const range = (from: number, to: number) => Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);

/** Where in `text` the anchor first reads as repeated, found by trying every place and every opening; -1 for nowhere. */
function firstReading(released: string, text: string): number {
  const anchor = anchorOf(released);
  if (anchor === null) return -1;
  const end = squeeze(anchor.text);
  const before = squeeze(released).slice(0, -end.length);
  for (let at = 0; at < Math.min(600, text.length); at++) {
    if (/\s/.test(text.charAt(at)) || !squeeze(text.slice(at, at + 2 * anchor.text.length)).startsWith(end)) continue;
    const head = text.slice(0, at);
    const opened = (i: number) => before.endsWith(squeeze(head.slice(i))) && opening.test(head.slice(0, i));
    if (anchor.unique ? range(0, at + 1).some(opened) : marks.test(head)) return at;
  }
  return -1;
}

/** Characters with which `text` repeats the end of the released text by value, the way R10 trims them. */
function repeatedChars(released: string, text: string): number {
  for (let chars = Math.min(600, text.length); chars >= 12; chars--) {
    if (!released.endsWith(text.slice(0, chars))) continue;
    const once =
      released.split(text.slice(0, chars)).length === 2 &&
      released.indexOf(text.slice(0, chars)) === released.length - chars;
    return once && /\S/.test(text.slice(0, chars)) ? chars : 0;
  }
  return 0;
}

/** True for what reads as something else than it is; nothing else is excused. */
function ambiguous(released: string, { text, anchorAt, overlapChars }: Continuation): boolean {
  const first = firstReading(released, text);
  if (anchorAt !== null) return first < anchorAt;
  if (first !== -1 || repeatedChars(released, text) !== overlapChars) return true;
  // All that came is the beginning of an anchor: it ends in 12 characters or more of one.
  const came = squeeze(text.slice(0, 1400));
  const end = squeeze(anchorOf(released)?.text ?? '');
  return text.length <= 1400 && range(12, end.length).some((chars) => came.endsWith(end.slice(0, chars)));
}

function emit(released: string, text: string, sizes: readonly number[]): { emitted: string; seam: Seam } {
  const seam = new Seam(released);
  let emitted = '';
  let at = 0;
  for (const size of sizes) {
    emitted += seam.push(text.slice(at, at + size));
    at += size;
  }
  emitted += seam.push(text.slice(at)) + seam.end();
  return { emitted, seam };
}

const words = ['return', 'the', 'value', 'größer', 'of', 'A', 'it.', '-', 'x,', '{', '}', '"k":', '1', 'wieder', 'Das'];
const lines = [
  '  total += row.value;\n',
  '}\n',
  '\n',
  'if (a) {\n',
  '    return null;\n',
  '| a | 1 |\n',
  '{"k": [1, 2]},\n',
  'Name: x\n',
];
const characters = ['é', 'e\u0301', '👩‍👩‍👧', '漢', '字', '。', 'ש', 'ל', '🇩🇪', '👍🏽', '\u00a0', ' ', '\n', '“'];
const joined = (parts: readonly string[], by: string, maxLength: number) => {
  const part = fc.constantFrom(...parts);
  const long = fc.array(part, { minLength: Math.floor(maxLength / 4), maxLength, size: 'max' });
  return fc.oneof(long, fc.array(part, { minLength: 1, maxLength: 12 })).map((chosen) => chosen.join(by));
};
const texts = {
  letters: joined(['a', 'b', ' ', '\n'], '', 400),
  words: joined(words, ' ', 300),
  lines: joined(lines, '', 60),
  unicode: joined(characters, '', 300),
  prose: fc
    .array(fc.stringMatching(/^[a-z]{1,9}[.,:]?$/), { minLength: 2, maxLength: 150 })
    .map((all) => all.join(' ')),
  'one word': fc.constantFrom('again ', 'a', '字', 'na na\n').map((word) => word.repeat(1000)),
};

for (const [name, text] of Object.entries(texts)) {
  test(`released and emitted text are the text: ${name}, any cut, form and chunks`, (t) => {
    const tried = new Map<Form, [excused: number, runs: number]>(forms.map((form) => [form, [0, 0]]));
    const drawn = fc.tuple(text, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(10_000));
    const sizes = fc.array(fc.nat(50), { maxLength: 40 });
    fc.assert(
      fc.property(drawn, sizes, ([whole, share, choice], chunks) => {
        const cut = Math.ceil(whole.length * share);
        const released = whole.slice(0, cut);
        for (const form of forms) {
          const next = continuation(whole, cut, form, choice);
          const count = tried.get(form);
          if (next === null || count === undefined) continue;
          count[1]++;
          const { emitted, seam } = emit(released, next.text, chunks);
          const single = emit(released, next.text, Array(Math.min(next.text.length, 3000)).fill(1));
          assert.deepEqual([single.emitted, single.seam.kind], [emitted, seam.kind], 'chunks change nothing');
          assert.equal(seam.swallowed + emitted.length, next.text.length);
          if (ambiguous(released, next)) {
            count[0]++;
            continue;
          }
          assert.equal(released + emitted, whole, `${form} ${JSON.stringify(next.text)}`);
          if (next.anchorAt !== null) assert.equal(seam.kind, 'anchored', form);
        }
      }),
      { numRuns: 400 },
    );
    t.diagnostic([...tried].map(([form, [excused, runs]]) => `${form} ${excused}/${runs}`).join(', '));
  });
}
