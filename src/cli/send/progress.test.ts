import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attemptEvent, callEvent } from '../../../test/fixtures/events.ts';
import type { AttemptEvent } from '../../core/events.ts';
import { VirtualClock } from '../../testing/index.ts';
import { Progress } from './progress.ts';

const route = 'anthropic/claude-sonnet-5-5';
const failed = (index: number, more: Partial<AttemptEvent> = {}): AttemptEvent =>
  attemptEvent({
    index,
    reason: 'retry',
    route,
    firstByteMs: null,
    status: null,
    failure: 'network',
    released: false,
    ...more,
  });
const failedCall = callEvent({ stream: false, result: 'failed', status: 529, route });

function watched(more: { redraws?: boolean; sharesScreen?: boolean } = {}) {
  const clock = new VirtualClock();
  let said = '';
  const progress = new Progress({
    clock,
    deadlineAtMs: clock.now() + 100_000,
    retriesMax: 5,
    redraws: false,
    sharesScreen: false,
    write: (text) => {
      said += text;
    },
    ...more,
  });
  return { clock, progress, said: () => said };
}

test('each failed attempt is a line that says what happens next', async () => {
  const { clock, progress, said } = watched();
  progress.attempt(failed(1));
  await clock.advance(10);
  assert.equal(said(), 'attempt 1: no connection, or it broke; trying again\n');
  progress.attempt(failed(2, { failure: 'overload', status: 529 }));
  progress.breaker({ route, state: 'open' });
  await clock.advance(10);
  assert.match(
    said(),
    /attempt 2: the upstream is overloaded \(529\); waiting for the upstream to recover, up to 100 s more \(Ctrl-C to stop\)\n$/,
  );
});

test('after the last retry it waits; a failure that ends the call is not announced as one that does not', async () => {
  const { clock, progress, said } = watched();
  progress.attempt(failed(6));
  await clock.advance(10);
  assert.match(said(), /attempt 6: .*; waiting for the upstream/);
  const before = said();
  progress.attempt(failed(7));
  progress.call(failedCall);
  await clock.advance(10);
  assert.equal(said(), before);
  assert.equal(progress.ended, failedCall);
});

test('on a terminal there is one line, which makes room for the answer and is never drawn into it', async () => {
  const { clock, progress, said } = watched({ redraws: true, sharesScreen: true });
  progress.attempt(failed(1));
  await clock.advance(10);
  progress.attempt(failed(2));
  await clock.advance(10);
  progress.clear();
  progress.attempt(failed(3, { released: true }));
  await clock.advance(10);
  const [first, second, third, ...rest] = said().split('\r\x1b[2K');
  assert.match(first ?? '', /^attempt 1[^\n]*$/);
  assert.match(second ?? '', /^attempt 2[^\n]*$/);
  assert.deepEqual([third, rest], ['', []]);
});
