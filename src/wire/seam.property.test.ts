import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ambiguous, continuation, type Form, forms } from '../../test/fixtures/continuations.ts';
import { Seam } from './seam.ts';

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

const joined = (part: fc.Arbitrary<string>, by: string, maxLength: number) => {
  const long = fc.array(part, { minLength: Math.floor(maxLength / 4), maxLength, size: 'max' });
  return fc.oneof(long, fc.array(part, { minLength: 1, maxLength: 12 })).map((chosen) => chosen.join(by));
};
const texts = {
  letters: joined(fc.constantFrom('a', 'b', ' ', '\n'), '', 400),
  'few words': joined(fc.constantFrom(...words), ' ', 300),
  'lines of code': joined(fc.constantFrom(...lines), '', 60),
  unicode: joined(fc.constantFrom(...characters), '', 300),
  prose: joined(fc.stringMatching(/^[a-z]{1,9}[.,:]?$/), ' ', 150),
  'one word': fc.constantFrom('again ', 'a', '字', 'na na\n').map((word) => word.repeat(600 / word.length)),
};

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

for (const [name, text] of Object.entries(texts)) {
  test(`what was released and what is emitted are the text, cut anywhere, continued anyhow: ${name}`, (t) => {
    const excused = new Map<Form, number>(forms.map((form) => [form, 0]));
    const tried = new Map<Form, number>(forms.map((form) => [form, 0]));
    const count = (of: Map<Form, number>, form: Form) => of.set(form, (of.get(form) ?? 0) + 1);
    const even = fc.noBias(fc.nat(1_000_000));
    const sizes = fc.array(fc.nat(50), { maxLength: 40 });
    const property = fc.property(text, even, even, sizes, (whole, place, choice, chunks) => {
      const cut = place % (whole.length + 1);
      const released = whole.slice(0, cut);
      for (const form of forms) {
        const next = continuation(whole, cut, form, choice);
        if (next === null) continue;
        count(tried, form);
        const { emitted, seam } = emit(released, next.text, chunks);
        const single = emit(released, next.text, Array(next.text.length).fill(1));
        assert.deepEqual([single.emitted, single.seam.kind], [emitted, seam.kind], 'chunks change something');
        assert.equal(seam.swallowed + emitted.length, next.text.length);
        if (ambiguous(released, next)) {
          count(excused, form);
          continue;
        }
        assert.equal(released + emitted, whole, `${form}: ${JSON.stringify(next.text)}`);
        if (next.anchorAt !== null) assert.equal(seam.kind, 'anchored', form);
      }
    });
    fc.assert(property, { numRuns: 300 });
    const shares = forms.map((form) => `${form} ${excused.get(form)} of ${tried.get(form)}`);
    t.diagnostic(`ambiguous by nature: ${shares.join(', ')}`);
    // The predicate must not excuse what it is to test.
    for (const form of ['anchor', 'spaced', 'seam spaced', 'longer'] as const) assert.equal(excused.get(form), 0, form);
  });
}
