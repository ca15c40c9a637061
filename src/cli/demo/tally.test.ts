import assert from 'node:assert/strict';
import { test } from 'node:test';
import { report } from './report.ts';
import type { CallEnd } from './tally.ts';
import { quantile, tally } from './tally.ts';

const end = (outcome: string, totalMs: number): CallEnd => ({ outcome, totalMs });

test('a lane is summed up by outcome, hangs apart from failures', () => {
  const ends = [end('whole', 10), end('529 overloaded_error', 30), end('hung', 99), end('whole', 20)];
  assert.deepEqual(tally('direct', ends, { attempts: 7, faulted: 3, midStream: 1 }, [['retry', 1]]), {
    lane: 'direct',
    calls: 4,
    whole: 2,
    hung: 1,
    failed: [['529 overloaded_error', 1]],
    recovered: [['retry', 1]],
    p50Ms: 20,
    p99Ms: 99,
    slowestMs: 99,
    attempts: 7,
    faulted: 3,
    midStream: 1,
  });
});

test('quantiles are values that occurred', () => {
  assert.equal(quantile([1, 2, 3, 4], 0.5), 2);
  assert.equal(quantile([1, 2, 3, 4], 0.99), 4);
  assert.equal(quantile([7], 0), 7);
  assert.equal(quantile([], 0.5), 0);
});

test('the table has a row for each kind of failure, with a dash for the lane that had none', () => {
  const direct = [end('whole', 10), end('500 api_error', 30)];
  const through = [end('whole', 10), end('whole', 30)];
  const tallies = [
    tally('direct', direct, { attempts: 4, faulted: 2, midStream: 1 }, []),
    tally('through', through, { attempts: 3, faulted: 1, midStream: 0 }, [['fallback', 1]]),
  ];
  const rows = report(tallies).split('\n');
  const cells = (label: string) =>
    rows
      .find((row) => row.startsWith(label))
      ?.slice(34)
      .trim()
      .split(/\s{2,}/);
  assert.deepEqual(cells('whole answers'), ['1 (50.0 %)', '2 (100.0 %)']);
  assert.deepEqual(cells('  500 api_error'), ['1', '-']);
  assert.deepEqual(cells('saved by fallback'), ['-', '1']);
  assert.deepEqual(cells('  of them met'), ['2 (50.0 %)', '1 (33.3 %)']);
  assert.deepEqual(cells('    in the middle'), ['1', '0']);
});
