import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../core/random.ts';
import { VirtualClock } from '../testing/index.ts';
import type { Level, Notice, Signal } from './alert.ts';
import { AlertBoard } from './board.ts';
import { forgetMs, gatherMs, noticeGapMs, restMs, subjectsMax, updateGapMs } from './limits.ts';

function open() {
  const clock = new VirtualClock();
  const notices: Notice[] = [];
  const board = new AlertBoard({ clock, random: seededRandom(1), send: (notice) => notices.push(notice) });
  const say = (subject: string, level: Level, state: string = level) => board.take(signal(subject, level, state));
  /** What was told since the last time, a line a notice. */
  const told = () =>
    notices.splice(0).map(({ lines }) => lines.map((line) => `${line.change} ${line.subject}`).join(', '));
  return { clock, board, notices, say, told };
}

function signal(subject: string, level: Level, state: string): Signal {
  return { kind: 'health', subject, level, state, title: `${subject} is ${state}`, text: '', link: null };
}

test('trouble is told once, however often it is said, and its end once', async () => {
  const { clock, say, told } = open();
  for (let i = 0; i < 10; i++) say('a', 'critical');
  await clock.advance(gatherMs);
  assert.deepEqual(told(), ['opened a']);
  for (let i = 0; i < 10; i++) say('a', 'critical');
  await clock.advance(3_600_000);
  assert.deepEqual(told(), []);
  for (let i = 0; i < 10; i++) say('a', 'ok');
  await clock.advance(restMs.first);
  assert.deepEqual(told(), ['resolved a']);
  assert.equal(clock.pendingTimers, 0);
});

test('what goes wrong together is told together, the worst first', async () => {
  const { clock, say, told } = open();
  say('a', 'warning');
  await clock.advance(gatherMs - 1);
  say('b', 'critical');
  await clock.advance(1);
  assert.deepEqual(told(), ['opened a'], 'b has its own five seconds, and the gap');
  await clock.advance(noticeGapMs);
  assert.deepEqual(told(), ['opened b']);
  say('c', 'warning');
  say('d', 'critical');
  await clock.advance(noticeGapMs + gatherMs);
  assert.deepEqual(told(), ['opened d, opened c']);
});

test('trouble that ends before anybody was told is not told', async () => {
  const { clock, say, told } = open();
  say('a', 'critical');
  await clock.advance(gatherMs - 1);
  say('a', 'ok');
  await clock.advance(3_600_000);
  assert.deepEqual(told(), []);
});

test('worse is told at once, other news after five minutes, the same never', async () => {
  const { clock, say, told } = open();
  say('a', 'warning', 'degraded');
  await clock.advance(gatherMs);
  told();
  say('a', 'warning', 'slow');
  await clock.advance(noticeGapMs + gatherMs);
  assert.deepEqual(told(), []);
  say('a', 'critical', 'down');
  await clock.advance(gatherMs);
  assert.deepEqual(told(), ['updated a']);
  say('a', 'warning', 'degraded');
  await clock.advance(updateGapMs - 1_000);
  assert.deepEqual(told(), []);
  await clock.advance(1_000);
  assert.deepEqual(told(), ['updated a']);
});

test('a flapping subject is one alert, and its rest grows with each return', async () => {
  const { clock, say, told } = open();
  for (let second = 0; second < 3_600; second += 40) {
    say('a', 'critical');
    await clock.advance(20_000);
    say('a', 'ok');
    await clock.advance(20_000);
  }
  assert.deepEqual(told(), ['opened a']);
  await clock.advance(forgetMs);
  assert.deepEqual(told(), ['resolved a']);
});

test('trouble that comes and goes by the second is told all the same', async () => {
  const { clock, say, told } = open();
  for (let i = 0; i < 10; i++) {
    say('a', 'critical');
    await clock.advance(1_000);
    say('a', 'ok');
    await clock.advance(1_000);
  }
  assert.deepEqual(told(), ['opened a']);
});

test('a subject that comes back every few minutes rests longer and longer, and lives it down in an hour', async () => {
  const { clock, say, notices, told } = open();
  const blink = async (wellMs: number) => {
    say('a', 'critical');
    await clock.advance(gatherMs + noticeGapMs);
    say('a', 'ok');
    await clock.advance(wellMs);
  };
  for (let i = 0; i < 24; i++) await blink(150_000 - gatherMs - noticeGapMs);
  assert.ok(notices.length <= 6, `${notices.length} notices in an hour`);
  told();
  await clock.advance(2 * forgetMs);
  told();
  await blink(restMs.first);
  assert.deepEqual(told(), ['opened a', 'resolved a']);
});

test('subjects are bounded: the rest is counted, and room is made by those that are well', async () => {
  const { clock, say, notices } = open();
  for (let i = 0; i < subjectsMax + 7; i++) say(`s${i}`, 'warning');
  await clock.advance(gatherMs);
  assert.equal(notices[0]?.lines.length, subjectsMax);
  assert.equal(notices[0]?.omitted, 7);
  for (let i = 0; i < subjectsMax; i++) say(`s${i}`, 'ok');
  await clock.advance(restMs.first);
  say('another', 'warning');
  await clock.advance(noticeGapMs);
  assert.equal(notices.at(-1)?.lines[0]?.subject, 'another');
});

test('a board that is closed leaves no timer', () => {
  const { clock, board, say } = open();
  say('a', 'critical');
  board.close();
  say('b', 'critical');
  assert.equal(clock.pendingTimers, 0);
});
