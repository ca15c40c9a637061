import assert from 'node:assert/strict';
import { test } from 'node:test';
import { followWall } from './clock.ts';

const startMs = Date.UTC(2026, 10, 22);

/** A machine with a clock that runs steadily and one that people and the network set. */
function machine() {
  const [steady, wall] = [{ ms: 5_000 }, { ms: startMs }];
  const now = followWall(
    () => steady.ms,
    () => wall.ms,
    startMs - steady.ms,
  );
  const pass = (ms: number) => {
    steady.ms += ms;
    wall.ms += ms;
    return now() - startMs;
  };
  return { wall, pass };
}

test('after the machine has slept the time is the right one, and not that of before', () => {
  const { wall, pass } = machine();
  assert.equal(pass(10_000), 10_000);
  wall.ms += 8 * 3_600_000;
  assert.equal(pass(1_000), 11_000 + 8 * 3_600_000);
});

test('a clock that is set back, or moved a little, moves no time', () => {
  const { wall, pass } = machine();
  for (const ms of [1_500, -3_600_000]) {
    wall.ms += ms;
    assert.equal(pass(0) % 60_000, 0);
    assert.equal(pass(60_000) % 60_000, 0);
  }
});
