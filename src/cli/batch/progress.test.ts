import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endedAttempt } from '../../../test/fixtures/events.ts';
import { VirtualClock } from '../../testing/index.ts';
import { timeOfDay } from '../text.ts';
import { progressLine, showRun } from './progress.ts';
import { RecentRate } from './recent-rate.ts';
import { AnswerWatch } from './silence.ts';

const minuteMs = 60_000;

test('the line of progress tells rate and remaining time', () => {
  const progress = { total: 100, done: 25, perSecond: 2, doing: 'live calls', silence: null };
  assert.equal(progressLine(progress, 0), '[######..................] 25/100  2.0/s  38 s left  live calls');
  assert.equal(progressLine({ ...progress, done: 100 }, 0), '[########################] 100/100  2.0/s');
  assert.equal(
    progressLine({ ...progress, perSecond: 0 }, 0),
    '[######..................] 25/100  live calls',
    'no rate, no estimate',
  );
});

test('an hour of outage is out of the estimate a minute after its end', () => {
  const rate = new RecentRate(1_000, 0);
  let count = 1_000;
  let perSecond = 0;
  const pass = (seconds: number, each: number, fromSecond: number) => {
    for (let second = fromSecond + 1; second <= fromSecond + seconds; second++) {
      count += each;
      perSecond = rate.perSecond(count, second * 1000);
    }
  };
  pass(30, 4, 0);
  assert.equal(perSecond, 4, 'a run that is younger than the window is measured from its begin');
  pass(3_600, 0, 30);
  assert.equal(perSecond, 0);
  pass(30, 4, 3_630);
  assert.equal(perSecond, 2);
  pass(30, 4, 3_660);
  assert.equal(perSecond, 4);
});

/** A run of a hundred lines that is shown. */
function shownRun(more: { isTTY?: true; columns?: number } = {}) {
  const clock = new VirtualClock();
  const watch = new AnswerWatch(clock.now());
  const rate = new RecentRate(0, clock.now());
  let done = 0;
  const written: string[] = [];
  const out = { isTTY: false, columns: 0, write: (text: string) => written.push(text) > 0, ...more };
  const progress = (nowMs: number) => {
    const silence = watch.silence(nowMs);
    return { total: 100, done, perSecond: rate.perSecond(done, nowMs), doing: 'live calls', silence };
  };
  return {
    clock,
    stop: showRun(progress, out, clock),
    last: () => written.at(-1) ?? '',
    answer: () => {
      done++;
      watch.attempt(endedAttempt({ atMs: clock.now() }));
    },
    fail: (facts: Partial<Parameters<typeof endedAttempt>[0]> = {}) =>
      watch.attempt(endedAttempt({ atMs: clock.now(), failure: 'overload', ...facts })),
  };
}

test('a run that said nothing while the API was down tells why, since when, and that it goes on', async () => {
  const { clock, stop, last, answer, fail } = shownRun();
  for (let second = 0; second < 10; second++) {
    await clock.advance(1_000);
    answer();
  }
  const sinceMs = clock.now();
  assert.match(last(), /^\[.*\] 9\/100 {2}0\.9\/s {2}101 s left {2}live calls\n$/);
  fail();
  await clock.advance(minuteMs);
  const since = `10/100  no answer since ${timeOfDay(sinceMs)} (60 s), still trying`;
  assert.equal(last(), `${since}: the upstream is overloaded (529 overloaded_error)\n`);
  const error = { type: 'api_error', code: 'ECONNREFUSED', action: 'retry', waitMs: null } as const;
  fail({ failure: 'network', status: null, error });
  await clock.advance(minuteMs);
  assert.match(last(), / \(2 min\), still trying: no connection, or it broke \(ECONNREFUSED\)\n$/);
  for (let second = 0; second < 65; second++) {
    await clock.advance(1_000);
    answer();
  }
  assert.match(last(), /\] 74\/100 {2}1\.0\/s {2}26 s left {2}live calls\n$/);
  stop();
  assert.equal(clock.pendingTimers, 0);
});

test('on a terminal the count and the silence stand where they are not cut off', async () => {
  const { clock, stop, last, fail } = shownRun({ isTTY: true, columns: 80 });
  fail();
  await clock.advance(10 * minuteMs);
  assert.match(last(), /0\/100 {2}no answer since \d\d:\d\d:\d\d \(10 min\), still trying: the upstream is/);
  assert.ok(last().length < 80 + '\r\x1b[2K'.length);
  stop();
});

test('a failure among answers, a refused request and a call that was given up are no silence', async () => {
  const { clock, stop, last, answer, fail } = shownRun();
  fail();
  await clock.advance(1_000);
  answer();
  await clock.advance(minuteMs);
  assert.match(last(), /live calls\n$/);
  fail({ failure: 'request', status: 400 });
  fail({ failure: null, aborted: true });
  await clock.advance(minuteMs);
  assert.match(last(), /live calls\n$/);
  stop();
});

test('what an upstream calls its error cannot steer the terminal', () => {
  const watch = new AnswerWatch(0);
  const error = { type: '\x1b[2Jgone\n', code: null, action: 'retry', waitMs: null } as const;
  watch.attempt(endedAttempt({ atMs: 0, failure: 'server', status: 500, error }));
  assert.equal(watch.silence(5_000)?.failure, 'the upstream has failed (500 ?[2Jgone?)');
});
