import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultLimits } from '../core/limits.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { type Admission, CircuitBreaker } from './circuit-breaker.ts';

/** In the middle of the jitter: intervals last what the limits say. */
const middle = { next: () => 0.5, id: () => '' };

function setUp() {
  const clock = new VirtualClock();
  const changes: string[] = [];
  const breaker = new CircuitBreaker(defaultLimits.breaker, clock, middle, (state) => changes.push(state));
  return { clock, breaker, changes };
}

/** Attempts of `count` different calls fail. */
function fail(breaker: CircuitBreaker, count: number, prefix = 'call'): void {
  for (let i = 0; i < count; i++) breaker.failed('pass', `${prefix} ${i}`, false);
}

test('five failures in a row open it, unless there was a success within ten seconds', async () => {
  const { clock, breaker, changes } = setUp();
  fail(breaker, 4);
  breaker.succeeded('pass');
  fail(breaker, 10);
  assert.equal(breaker.state, 'closed');
  await clock.advance(10_000);
  fail(breaker, 1, 'later');
  assert.deepEqual([breaker.state, changes], ['open', ['open']]);
  const fresh = setUp().breaker;
  fail(fresh, 4);
  assert.equal(fresh.state, 'closed');
  fail(fresh, 1);
  assert.equal(fresh.state, 'open');
});

test('four in five of twenty within half a minute open it in spite of successes', async () => {
  const { breaker } = setUp();
  for (let round = 0; round < 3; round++) {
    breaker.succeeded('pass');
    fail(breaker, 4, `round ${round}`);
  }
  breaker.succeeded('pass');
  fail(breaker, 3, 'last');
  assert.equal(breaker.state, 'closed');
  fail(breaker, 1, 'one more');
  assert.equal(breaker.state, 'open');
  const slow = setUp();
  for (let round = 0; round < 20; round++) {
    slow.breaker.succeeded('pass');
    fail(slow.breaker, 4, `round ${round}`);
    // Never twenty within the window.
    await slow.clock.advance(11_000);
  }
  assert.equal(slow.breaker.state, 'closed');
});

test('one call counts for two failures at most, unless it is the only caller', () => {
  const { breaker } = setUp();
  for (let i = 0; i < 20; i++) breaker.failed('pass', 'poisoned', false);
  assert.equal(breaker.state, 'closed');
  fail(breaker, 3);
  assert.equal(breaker.state, 'open');
  const lone = setUp().breaker;
  for (let i = 0; i < 5; i++) lone.failed('pass', 'lone', true);
  assert.equal(lone.state, 'open');
});

test('open admits one probe an interval, doubling to the cap with each that fails', async () => {
  const { clock, breaker } = setUp();
  fail(breaker, 5);
  const intervals: number[] = [];
  for (let i = 0; i < 5; i++) {
    const openedMs = clock.now();
    assert.equal(breaker.admit(), null);
    await clock.runUntil(breaker.nextProbeAtMs);
    intervals.push(clock.now() - openedMs);
    assert.equal(breaker.admit(), 'probe');
    assert.equal(breaker.admit(), null);
    breaker.failed('probe', 'prober', false);
  }
  assert.deepEqual(intervals, [5_000, 10_000, 20_000, 30_000, 30_000]);
});

test('a probe that says nothing costs the waiters no interval', async () => {
  const { clock, breaker } = setUp();
  fail(breaker, 5);
  await clock.advance(5_000);
  assert.equal(breaker.admit(), 'probe');
  breaker.withdrawn('probe');
  assert.equal(breaker.admit(), 'probe');
});

async function halfOpen() {
  const world = setUp();
  fail(world.breaker, 5);
  await world.clock.advance(5_000);
  assert.equal(world.breaker.admit(), 'probe');
  world.breaker.succeeded('probe');
  return world;
}

const admitted = (breaker: CircuitBreaker) => {
  const admissions: Admission[] = [];
  for (let next = breaker.admit(); next !== null && admissions.length < 100; next = breaker.admit())
    admissions.push(next);
  return admissions;
};

test('a good probe lets two at a time follow, then four, then eight, then everybody', async () => {
  const { breaker, changes } = await halfOpen();
  for (const size of [2, 4, 8]) {
    const ramp = admitted(breaker);
    assert.deepEqual(ramp, Array(size).fill('ramp'));
    for (const admission of ramp) breaker.succeeded(admission);
  }
  assert.deepEqual([breaker.state, changes], ['closed', ['open', 'half-open', 'closed']]);
  // What was held against it is forgotten, its interval too.
  fail(breaker, 4);
  assert.equal(breaker.state, 'closed');
});

test('on the ramp failures open it again when they outnumber successes by two, for twice as long', async () => {
  const { clock, breaker } = await halfOpen();
  admitted(breaker);
  // The probe was a success.
  breaker.failed('ramp', 'a', false);
  breaker.failed('ramp', 'b', false);
  assert.equal(breaker.state, 'half-open');
  admitted(breaker);
  breaker.failed('ramp', 'c', false);
  assert.equal(breaker.state, 'open');
  assert.equal(breaker.nextProbeAtMs - clock.now(), 10_000);
});

test('who leaves the ramp makes room on it', async () => {
  const { breaker } = await halfOpen();
  assert.equal(admitted(breaker).length, 2);
  breaker.withdrawn('ramp');
  assert.equal(admitted(breaker).length, 1);
});

test('an attempt admitted in an earlier state has no vote in a later one', async () => {
  const { clock, breaker } = setUp();
  fail(breaker, 5);
  breaker.succeeded('pass');
  assert.equal(breaker.state, 'open');
  await clock.advance(5_000);
  assert.equal(breaker.admit(), 'probe');
  breaker.succeeded('probe');
  for (let i = 0; i < 20; i++) breaker.failed('pass', `late ${i}`, false);
  assert.equal(breaker.state, 'half-open');
  for (let i = 0; i < 20; i++) breaker.succeeded('pass');
  assert.equal(breaker.state, 'half-open');
});
