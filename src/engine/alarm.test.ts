import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../testing/index.ts';
import { Alarm } from './alarm.ts';

function setUp() {
  const clock = new VirtualClock();
  const startMs = clock.now();
  const rangMs: number[] = [];
  const alarm = new Alarm(clock, () => rangMs.push(clock.now() - startMs));
  return { clock, alarm, rangMs };
}

test('an alarm is moved to an earlier instant, and left alone for a later one', async () => {
  const { clock, alarm, rangMs } = setUp();
  alarm.within(1000);
  alarm.within(5000);
  alarm.within(400);
  await clock.advance(10_000);
  assert.deepEqual(rangMs, [400]);
});

test('an alarm for a certain instant is moved to a later one too, rings once, and can be set anew', async () => {
  const { clock, alarm, rangMs } = setUp();
  alarm.within(100);
  alarm.in(300);
  await clock.advance(1000);
  alarm.within(50);
  await clock.advance(1000);
  assert.deepEqual(rangMs, [300, 1050]);
});

test('a cancelled alarm does not ring', async () => {
  const { clock, alarm, rangMs } = setUp();
  alarm.in(100);
  alarm.cancel();
  await clock.advance(1000);
  assert.deepEqual(rangMs, []);
});
