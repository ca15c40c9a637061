import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelsNamed } from './models-named.ts';

const cases: ReadonlyArray<readonly [string, readonly string[]]> = [
  ['Elevated errors on Claude Opus 4.5', ['opus-4-5']],
  ['Elevated error rates on Sonnet 4.5 and Haiku 4.5', ['sonnet-4-5', 'haiku-4-5']],
  ['Sonnet 4, 4.5 and 4.6: degraded performance', ['sonnet-4', 'sonnet-4-5', 'sonnet-4-6']],
  ['Issues with claude-haiku-4-5-20251001', ['haiku-4-5']],
  ['Claude 3.5 Sonnet is slow', ['sonnet-3-5']],
  ['Opus requests are failing', ['opus']],
  ['Fable 5.2 and Opus 5.5/5 unavailable', ['fable-5-2', 'opus-5-5', 'opus-5']],
  ['Elevated errors across all models', []],
  ['Opus 5.5 is down. Sonnet and Haiku are not affected.', ['opus-5-5']],
  ['Magnum opuses and corpus-based errors since 4.5', []],
  ['', []],
];

for (const [text, expected] of cases) {
  test(`"${text}" names ${expected.join(', ') || 'no model'}`, () => assert.deepEqual(modelsNamed(text), expected));
}

test('a hostile text of a page is read in no time that grows faster than itself', () => {
  // A pattern that backtracks would not come back from this within the life of the test.
  modelsNamed('opus 4.5, '.repeat(20_000));
  modelsNamed(`opus ${'1 '.repeat(100_000)}`);
  modelsNamed('1.'.repeat(100_000));
});
