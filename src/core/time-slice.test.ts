import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../testing/index.ts';
import { TimeSlice } from './time-slice.ts';

test('long work lets the others run, and only when it has taken its time', async () => {
  const clock = new VirtualClock();
  const slice = new TimeSlice(clock);
  assert.equal(slice.isOver, false);
  await clock.advance(19);
  assert.equal(slice.isOver, false);
  await clock.advance(1);
  assert.equal(slice.isOver, true);
  let [others, again] = [false, false];
  clock.after(0, () => {
    others = true;
  });
  const next = slice.again().then(() => {
    again = true;
  });
  assert.deepEqual([others, again], [false, false]);
  await clock.advance(0);
  await next;
  assert.deepEqual([others, slice.isOver], [true, false]);
});
