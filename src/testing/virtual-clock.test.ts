import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Timer, wait } from '../core/clock.ts';
import { seededRandom } from '../core/random.ts';
import { VirtualClock } from './virtual-clock.ts';

test('timers fire by time, then by creation, and see their own instant', async () => {
  const clock = new VirtualClock(1_000);
  const fired: [string, number][] = [];
  const note = (name: string) => () => fired.push([name, clock.now()]);
  clock.after(20, note('late'));
  clock.after(10, note('first of two'));
  clock.after(10, note('second of two'));
  clock.after(-5, note('past'));
  clock.after(Number.NaN, note('nonsense'));
  await clock.advance(19);
  assert.deepEqual(fired, [
    ['past', 1_000],
    ['nonsense', 1_000],
    ['first of two', 1_010],
    ['second of two', 1_010],
  ]);
  assert.equal(clock.now(), 1_019);
  assert.equal(clock.pendingTimers, 1);
  await clock.advance(1);
  assert.deepEqual(fired.at(-1), ['late', 1_020]);
  assert.equal(clock.pendingTimers, 0);
});

test('nothing fires and no time passes without being told', async () => {
  const clock = new VirtualClock();
  const before = clock.now();
  let fired = false;
  clock.after(0, () => {
    fired = true;
  });
  await new Promise((resolve) => process.nextTick(resolve));
  assert.equal(fired, false);
  assert.equal(clock.now(), before);
});

test('a long promise chain settles before the next timer fires', async () => {
  const clock = new VirtualClock();
  const trace: string[] = [];
  clock.after(1, () => {
    void (async () => {
      for (let i = 0; i < 1_000; i++) await null;
      trace.push('chain of the first');
    })();
  });
  clock.after(1, () => trace.push('second'));
  await clock.advance(1);
  assert.deepEqual(trace, ['chain of the first', 'second']);
});

test('what was set off before, and by the last timer, has settled when advance returns', async () => {
  const clock = new VirtualClock(0);
  const trace: number[] = [];
  void (async () => {
    await null;
    while (await wait(clock, 10)) trace.push(clock.now());
  })();
  await clock.advance(30);
  assert.deepEqual(trace, [10, 20, 30]);
});

test('a cancelled timer does not fire, and cancelling twice or late counts once', async () => {
  const clock = new VirtualClock();
  let fired = 0;
  const count = () => fired++;
  const cancelled = clock.after(5, count);
  const kept = clock.after(5, count);
  clock.cancel(cancelled);
  clock.cancel(cancelled);
  assert.equal(clock.pendingTimers, 1);
  await clock.advance(5);
  clock.cancel(kept);
  assert.equal(fired, 1);
  assert.equal(clock.pendingTimers, 0);
});

test('a timer can cancel one of the same instant', async () => {
  const clock = new VirtualClock();
  let fired = false;
  let victim: Timer | null = null;
  clock.after(1, () => {
    if (victim !== null) clock.cancel(victim);
  });
  victim = clock.after(1, () => {
    fired = true;
  });
  await clock.advance(1);
  assert.equal(fired, false);
});

test('runUntil stops at the timer that fulfils the condition', async () => {
  const clock = new VirtualClock(0);
  let count = 0;
  const again = () => {
    count++;
    clock.after(7, again);
  };
  clock.after(7, again);
  await clock.runUntil(() => count === 3);
  assert.equal(clock.now(), 21);
  await clock.runUntil(30);
  assert.equal(clock.now(), 30);
  assert.equal(count, 4);
});

test('runUntil says so when nothing can fulfil the condition any more', async () => {
  const clock = new VirtualClock();
  clock.after(1, () => {});
  await assert.rejects(
    clock.runUntil(() => false),
    /No timer is left/,
  );
});

test('what a timer throws reaches whoever moves time', async () => {
  const clock = new VirtualClock(0);
  clock.after(3, () => {
    throw new Error('broken');
  });
  await assert.rejects(clock.advance(10), /broken/);
  assert.equal(clock.now(), 3);
});

test('ten thousand timers, half of them cancelled, fire in order', async () => {
  const seed = 7;
  const random = seededRandom(seed);
  const clock = new VirtualClock(0);
  const due: { atMs: number; id: number }[] = [];
  const fired: number[] = [];
  for (let id = 0; id < 10_000; id++) {
    const atMs = Math.floor(random.next() * 500);
    const timer = clock.after(atMs, () => fired.push(id));
    if (random.next() < 0.5) clock.cancel(timer);
    else due.push({ atMs, id });
  }
  await clock.advance(500);
  due.sort((a, b) => a.atMs - b.atMs || a.id - b.id);
  assert.deepEqual(
    fired,
    due.map((timer) => timer.id),
    `seed ${seed}`,
  );
});
