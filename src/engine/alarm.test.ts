import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../testing/index.ts';
import { Alarm } from './alarm.ts';

function setUp() {
  const clock = new VirtualClock();
  const startMs = clock.now();
  const rangMs: number[] = [];
  const alarm = new Alarm(clock, () => rangMs.push(clock.now() - startMs));
  return { clock, startMs, alarm, rangMs };
}

test('an alarm is moved to an earlier instant, and left alone for a later one', async () => {
  const { clock, startMs, alarm, rangMs } = setUp();
  alarm.by(startMs + 1000);
  alarm.by(startMs + 5000);
  alarm.by(startMs + 400);
  await clock.advance(10_000);
  assert.deepEqual(rangMs, [400]);
});

test('an alarm for a certain instant is moved to a later one too, rings once, and can be set anew', async () => {
  const { clock, startMs, alarm, rangMs } = setUp();
  alarm.by(startMs + 100);
  alarm.at(startMs + 300);
  await clock.advance(1000);
  alarm.by(startMs + 1050);
  await clock.advance(1000);
  assert.deepEqual(rangMs, [300, 1050]);
});

test('a cancelled alarm does not ring', async () => {
  const { clock, startMs, alarm, rangMs } = setUp();
  alarm.at(startMs + 100);
  alarm.cancel();
  await clock.advance(1000);
  assert.deepEqual(rangMs, []);
});
