import assert from 'node:assert/strict';
import { test } from 'node:test';
import { progressLine } from './progress.ts';

test('a narrow terminal shows fewer figures of a lane, and never a part of one', () => {
  const lane = { lane: 'through Ridethrough', calls: 1200, started: 1200, whole: 1143, failed: 21 };
  const whole = 'through Ridethrough  ################ 1164/1200  whole 1143  failed 21  under way 36';
  assert.equal(progressLine(lane, 1000), whole);
  assert.equal(progressLine(lane, whole.length), whole);
  assert.equal(progressLine(lane, 79), 'through Ridethrough  ################ 1164/1200  whole 1143  failed 21');
  assert.equal(progressLine(lane, 60), 'through Ridethrough  1164/1200  whole 1143  failed 21');
  assert.equal(progressLine(lane, 39), 'through Ridethrough  1164/1200');
  assert.equal(progressLine(lane, 20), '');
});
