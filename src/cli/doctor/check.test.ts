import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../../core/clock.ts';
import { bounded, causeOf } from './check.ts';

/** A clock whose only timer is fired by hand. */
function handClock(): Clock & { fire(): void; running: boolean } {
  let callback: (() => void) | null = null;
  return {
    now: () => 0,
    after: (_delayMs, next) => {
      callback = next;
      return {};
    },
    cancel: () => {
      callback = null;
    },
    fire: () => callback?.(),
    get running() {
      return callback !== null;
    },
  };
}

test('work that ends in time gives its result and leaves no timer', async () => {
  const clock = handClock();
  assert.equal(await bounded(clock, async () => 7), 7);
  assert.equal(clock.running, false);
});

test('work that does not end is given up, and told so', async () => {
  const clock = handClock();
  let told = false;
  const work = bounded(clock, (signal) => {
    signal.addEventListener('abort', () => {
      told = true;
    });
    return new Promise(() => {});
  });
  clock.fire();
  await assert.rejects(work, /no answer within 5 s/);
  assert.equal(told, true);
  assert.equal(clock.running, false);
});

test('a cause is the code of the system where there is one', () => {
  assert.equal(causeOf(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })), 'ECONNREFUSED');
  assert.equal(causeOf(new Error('no answer within 5 s')), 'no answer within 5 s');
  assert.equal(causeOf('text'), 'text');
});
