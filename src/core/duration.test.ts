import assert from 'node:assert/strict';
import { test } from 'node:test';
import { span, took } from './duration.ts';

test('a measured time is told in milliseconds, tenths of a second or seconds, by how long it is', () => {
  const told = [0, 37.4, 100, 949, 45_060, 99_900, 100_000, 1_800_000].map(took);
  assert.deepEqual(told, ['0 ms', '37 ms', '0.1 s', '0.9 s', '45.1 s', '99.9 s', '100 s', '1800 s']);
});

test('an age is told in the largest unit of which there are two, or one and a half', () => {
  const told = [-5, 8_400, 119_000, 120_000, 540_000, 5_400_000, 7_200_000, 129_600_000, 400_000_000].map(span);
  assert.deepEqual(told, ['0 s', '8 s', '119 s', '2 min', '9 min', '2 h', '2 h', '2 days', '5 days']);
});
