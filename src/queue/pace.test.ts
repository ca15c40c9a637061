import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../core/random.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { Channel } from './channel.ts';
import { Pace } from './pace.ts';

/** Live attempts at even distances. */
async function live(clock: VirtualClock, pace: Pace, perSecond: number, seconds: number, succeeded = true) {
  for (let i = 0; i < perSecond * seconds; i++) {
    await clock.advance(1000 / perSecond);
    pace.live(succeeded);
  }
}

/** How many calls of the drain go in that time, beside live ones. */
async function drained(clock: VirtualClock, pace: Pace, perSecond: number, seconds: number): Promise<number> {
  let taken = 0;
  for (let tick = 0; tick < seconds * 20; tick++) {
    await clock.advance(50);
    if (perSecond > 0 && tick % Math.round(20 / perSecond) === 0) pace.live(true);
    while (pace.take()) taken++;
  }
  return taken;
}

test('the steady rate is learned from calm slices, and remembered through an outage of any length', async () => {
  const clock = new VirtualClock();
  const pace = new Pace(clock);
  await live(clock, pace, 20, 300);
  assert.ok(Math.abs(pace.steadyPerSecond - 20) < 0.5, `${pace.steadyPerSecond}`);
  await live(clock, pace, 1, 60, false);
  await clock.advance(7_200_000);
  await live(clock, pace, 1, 30, false);
  assert.ok(Math.abs(pace.steadyPerSecond - 20) < 0.5, `${pace.steadyPerSecond} after the outage`);
  // A crowd that was held up comes at once: that is not the steady rate either.
  await live(clock, pace, 100, 50);
  assert.ok(Math.abs(pace.steadyPerSecond - 20) < 0.5, `${pace.steadyPerSecond} after the crowd`);
});

test('live traffic and drain share one rate; what live traffic leaves is the drain’s', async () => {
  const clock = new VirtualClock();
  const pace = new Pace(clock);
  await live(clock, pace, 20, 300);
  const beside = (await drained(clock, pace, 20, 100)) / 100;
  assert.ok(beside > 2 && beside <= 4, `${beside} a second beside 20`);
  const alone = (await drained(clock, pace, 0, 20)) / 20;
  assert.ok(alone > 20 && alone <= 25, `${alone} a second alone`);
});

test('where nothing is known the drain makes one call a second', async () => {
  const clock = new VirtualClock();
  const taken = await drained(clock, new Pace(clock), 0, 30);
  assert.ok(taken >= 30 && taken <= 31, `${taken}`);
});

const open = { label: 'a/b', isShut: false, inFlightMax: Number.POSITIVE_INFINITY };

function roomOf(channel: Channel, outlook = open): number {
  const before = channel.running;
  while (channel.hasRoom(outlook)) channel.running++;
  const room = channel.running;
  channel.running = before;
  return room;
}

test('a lane is begun with one, doubled by each round of successes, halved by a failure', async () => {
  const clock = new VirtualClock();
  const channel = new Channel(clock, seededRandom(1));
  const rooms = [roomOf(channel)];
  for (let round = 0; round < 3; round++) {
    for (let i = roomOf(channel); i > 0; i--) channel.succeeded(open);
    rooms.push(roomOf(channel));
  }
  assert.deepEqual(rooms, [1, 2, 4, 8]);
  assert.equal(roomOf(channel, { ...open, inFlightMax: 6 }), 3);
  assert.equal(roomOf(channel, { ...open, isShut: true }), 1);
  channel.failed();
  assert.equal(roomOf(channel), 0);
  await clock.advance(channel.pauseMs);
  assert.equal(roomOf(channel), 4);
});

test('successes of a lane that is not open yet are no reason to take more of it', () => {
  const channel = new Channel(new VirtualClock(), seededRandom(1));
  for (let i = 0; i < 9; i++) channel.succeeded({ ...open, isShut: true });
  assert.equal(roomOf(channel), 1);
});
