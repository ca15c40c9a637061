import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Heap } from './heap.ts';

test('the first is at hand, whatever came and went before', () => {
  const step = fc.oneof(fc.nat(50), fc.constant('drop' as const));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = new Heap<number>((a, b) => a < b);
      const model: number[] = [];
      for (const each of steps) {
        if (typeof each === 'number') heap.push(each);
        else if (model.length > 0) heap.dropFirst();
        if (typeof each === 'number') model.push(each);
        else model.shift();
        model.sort((a, b) => a - b);
        assert.deepEqual([heap.first, heap.size], [model[0], model.length]);
      }
      assert.deepEqual(
        heap.takeAll().sort((a, b) => a - b),
        model,
      );
    }),
    { seed: 1 },
  );
});
