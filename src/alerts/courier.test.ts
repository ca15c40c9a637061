import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../core/random.ts';
import { VirtualClock } from '../testing/index.ts';
import type { Notice } from './alert.ts';
import { Courier, DeliveryError } from './courier.ts';
import { deliveriesMax, waitingNoticesMax } from './limits.ts';

const notice = (id: string): Notice => ({ id, atMs: 0, lines: [], omitted: 0 });

/** A target that refuses as long as `failure` is set. */
function open() {
  const clock = new VirtualClock();
  const state = { failure: null as Error | null, tries: [] as string[], atMs: [] as number[], closed: false };
  const reports: string[] = [];
  const target = {
    name: 'slack',
    async send({ id }: Notice) {
      state.tries.push(id);
      state.atMs.push(clock.now());
      if (state.failure !== null) throw state.failure;
    },
    close: () => {
      state.closed = true;
    },
  };
  const courier = new Courier(target, { clock, random: seededRandom(3), report: (sentence) => reports.push(sentence) });
  return { clock, state, reports, courier };
}

test('notices are delivered in order, one after the other', async () => {
  const { clock, state, reports, courier } = open();
  for (const id of ['a', 'b', 'c']) courier.carry(notice(id));
  await clock.advance(0);
  assert.deepEqual(state.tries, ['a', 'b', 'c']);
  assert.deepEqual(reports, []);
});

test('what is not taken is tried again with growing waits, and those behind it wait', async () => {
  const { clock, state, reports, courier } = open();
  state.failure = new DeliveryError('it answered 503');
  courier.carry(notice('a'));
  courier.carry(notice('b'));
  await clock.advance(25_000);
  assert.ok(state.tries.length >= 3 && state.tries.every((id) => id === 'a'), state.tries.join());
  state.failure = null;
  await clock.advance(60_000);
  assert.deepEqual([...new Set(state.tries)], ['a', 'b']);
  assert.deepEqual(reports, [], 'what came through in the end is no news');
});

test('it is given up after so many, which is reported once, and so is that it works again', async () => {
  const { clock, state, reports, courier } = open();
  state.failure = new DeliveryError('it answered 503');
  courier.carry(notice('a'));
  courier.carry(notice('b'));
  await clock.advance(3_600_000);
  assert.equal(state.tries.length, 2 * deliveriesMax);
  assert.deepEqual(reports, [
    'An alert by slack was given up, because it answered 503: `ridethrough alerts test` tries it.',
  ]);
  state.failure = null;
  courier.carry(notice('c'));
  await clock.advance(0);
  assert.equal(reports[1], 'Alerts by slack are delivered again.');
  assert.equal(clock.pendingTimers, 0);
});

test('what is refused for good, or by a bug, is tried once', async () => {
  for (const failure of [new DeliveryError('it answered 404', { permanent: true }), new TypeError('a bug')]) {
    const { clock, state, reports, courier } = open();
    state.failure = failure;
    courier.carry(notice('a'));
    await clock.advance(3_600_000);
    assert.equal(state.tries.length, 1);
    assert.equal(reports.length, 1);
  }
});

test('a wait that the target names is kept', async () => {
  const { clock, state, courier } = open();
  state.failure = new DeliveryError('it answered 429', { waitMs: 60_000 });
  courier.carry(notice('a'));
  await clock.advance(120_000);
  const [first = 0, second = 0] = state.atMs;
  assert.equal(second - first, 60_000);
});

test('notices that wait are bounded: the oldest go, and it is said', async () => {
  const { clock, state, reports, courier } = open();
  state.failure = new DeliveryError('it answered 503');
  for (let i = 0; i < waitingNoticesMax + 3; i++) courier.carry(notice(`n${i}`));
  await clock.advance(0);
  assert.equal(reports.length, 1);
  state.failure = null;
  await clock.advance(600_000);
  assert.equal(new Set(state.tries).size, waitingNoticesMax);
});

test('a courier that is closed hands over what it has not delivered, the one under way too', async () => {
  const { clock, state, courier } = open();
  courier.carry(notice('a'));
  await clock.advance(0);
  state.failure = new DeliveryError('it answered 503');
  courier.carry(notice('b'));
  courier.carry(notice('c'));
  await clock.advance(0);
  assert.deepEqual(
    courier.close().map(({ id }) => id),
    ['b', 'c'],
  );
});

test('a courier that is closed leaves nothing behind', async () => {
  const { clock, state, courier } = open();
  state.failure = new DeliveryError('it answered 503');
  courier.carry(notice('a'));
  courier.carry(notice('b'));
  await clock.advance(0);
  courier.close();
  await clock.advance(3_600_000);
  assert.deepEqual(state.tries, ['a']);
  assert.ok(state.closed);
  assert.equal(clock.pendingTimers, 0);
});
