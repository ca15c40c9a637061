import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LruMap } from './lru.ts';

test('a map that is full forgets what was not used for the longest time', () => {
  const map = new LruMap<string, string>(2);
  map.getOrCreate('a', () => 'first');
  map.getOrCreate('b', () => 'second');
  map.get('a');
  map.getOrCreate('c', () => 'third');
  assert.deepEqual([map.get('a'), map.get('b'), map.get('c'), map.size], ['first', undefined, 'third', 2]);
});

test('what is remembered is made once, and listed in the order of its last use', () => {
  const map = new LruMap<string, string>(3);
  for (const key of ['a', 'b', 'c']) map.getOrCreate(key, () => key);
  assert.equal(
    map.getOrCreate('a', () => 'anew'),
    'a',
  );
  assert.deepEqual(map.values(), ['b', 'c', 'a']);
});
