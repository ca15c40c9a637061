import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EdfQueue } from './edf-queue.ts';

interface Item {
  readonly deadlineAtMs: number;
  settled: boolean;
}

test('the nearest deadline is served first, whatever came and left in between', () => {
  const step = fc.oneof(fc.nat(50), fc.constantFrom('pop' as const, 'settle' as const));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new EdfQueue<Item>();
      let model: Item[] = [];
      for (const each of steps) {
        if (typeof each === 'number') {
          const item = { deadlineAtMs: each, settled: false };
          queue.push(item);
          model.push(item);
        } else if (each === 'settle') {
          const leaver = model.splice(model.length >> 1, 1)[0];
          if (leaver === undefined) continue;
          leaver.settled = true;
          queue.left();
        } else {
          const next = model.length === 0 ? null : Math.min(...model.map((item) => item.deadlineAtMs));
          assert.equal(queue.peek()?.deadlineAtMs ?? null, next);
          const popped = queue.pop();
          assert.equal(popped?.deadlineAtMs ?? null, next);
          assert.ok(popped === null || model.includes(popped));
          if (popped === null) continue;
          model = model.filter((item) => item !== popped);
          popped.settled = true;
          queue.left();
        }
        assert.ok(queue.size <= 2 * model.length, 'those who left are kept');
      }
    }),
    { seed: 1 },
  );
});
