import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Level, Notice } from '../../src/alerts/alert.ts';
import { AlertBoard } from '../../src/alerts/board.ts';
import { gatherMs, noticeGapMs, restMs, updateGapMs } from '../../src/alerts/limits.ts';
import { type Random, seededRandom } from '../../src/core/random.ts';
import { VirtualClock } from '../../src/testing/index.ts';

const runs = 60;
const first = Number(process.env.SEED ?? 1);
const subjects = ['a', 'b', 'c', 'd', 'e'];
const words: ReadonlyArray<readonly [Level, string]> = [
  ['ok', 'well'],
  ['ok', 'well'],
  ['warning', 'degraded'],
  ['warning', 'slow'],
  ['critical', 'down'],
];

interface Run {
  readonly notices: readonly Notice[];
  /** Spans of trouble by subject, in milliseconds. */
  readonly spans: ReadonlyArray<{ readonly subject: string; readonly fromMs: number; readonly toMs: number }>;
  readonly timersLeft: number;
}

const pick = <T>(list: readonly T[], random: Random) => list[Math.floor(random.next() * list.length)] as T;

/** Three hours of random words at random times, seconds to minutes apart, then silence in which all is well. */
async function play(seed: number): Promise<Run> {
  const random = seededRandom(seed);
  const clock = new VirtualClock();
  const notices: Notice[] = [];
  const board = new AlertBoard({ clock, random: seededRandom(seed), send: (notice) => notices.push(notice) });
  const beganAtMs = new Map<string, number>();
  const spans: { subject: string; fromMs: number; toMs: number }[] = [];
  const say = (subject: string, [level, state]: readonly [Level, string]) => {
    const since = beganAtMs.get(subject);
    if (level !== 'ok' && since === undefined) beganAtMs.set(subject, clock.now());
    if (level === 'ok' && since !== undefined) {
      spans.push({ subject, fromMs: since, toMs: clock.now() });
      beganAtMs.delete(subject);
    }
    board.take({ kind: 'health', subject, level, state, title: `${subject} is ${state}`, text: '', link: null });
  };
  const endMs = clock.now() + 3 * 3_600_000;
  while (clock.now() < endMs) {
    say(pick(subjects, random), pick(words, random));
    await clock.advance(random.next() < 0.5 ? random.next() * 5_000 : random.next() * 400_000);
  }
  for (const subject of subjects) say(subject, ['ok', 'well']);
  await clock.advance(2 * restMs.largest);
  return { notices, spans, timersLeft: clock.pendingTimers };
}

function check({ notices, spans, timersLeft }: Run): void {
  for (const subject of subjects) {
    const changes = notices.flatMap(({ lines }) =>
      lines.filter((line) => line.subject === subject).map((line) => line.change),
    );
    const story = changes.map((change) => change[0]).join('');
    assert.match(story, /^(ou*r)*$/, `${subject}: opened once, updated, resolved once; it was told "${story}"`);
  }
  for (const { lines } of notices) {
    assert.equal(new Set(lines.map(({ subject }) => subject)).size, lines.length, 'each subject once in a notice');
    assert.ok(lines.length > 0);
  }
  notices.slice(1).forEach((notice, index) => {
    const gapMs = notice.atMs - (notices[index]?.atMs ?? 0);
    assert.ok(gapMs >= noticeGapMs, `two notices ${gapMs} ms apart`);
  });
  assert.equal(new Set(notices.map(({ id }) => id)).size, notices.length);
  for (const { subject, fromMs, toMs } of spans) {
    // Long enough to be told whatever was told before it: it must stand as open at its end.
    if (toMs - fromMs < gatherMs + noticeGapMs + updateGapMs) continue;
    const before = notices.filter(({ atMs }) => atMs <= toMs).flatMap(({ lines }) => lines);
    const last = before.findLast((line) => line.subject === subject);
    assert.ok(last !== undefined && last.change !== 'resolved', `${subject} from ${fromMs} to ${toMs} was not told`);
  }
  assert.equal(timersLeft, 0);
}

test(`each alert is told once and resolved once, over ${runs} random stories (SEED=${first})`, async (context) => {
  let lines = 0;
  for (let seed = first; seed < first + runs; seed++) {
    context.diagnostic(`seed ${seed}`);
    const run = await play(seed);
    lines += run.notices.reduce((sum, notice) => sum + notice.lines.length, 0);
    try {
      check(run);
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
  assert.ok(lines > runs * 10, `only ${lines} lines were told: the stories are too quiet to prove anything`);
});

test('the same seed tells the same story', async () => {
  assert.deepEqual(await play(first), await play(first));
});
