import assert from 'node:assert/strict';
import { test } from 'node:test';
import { call, failure } from '../../test/fixtures/failures.ts';
import { defaultLimits } from '../core/limits.ts';
import { CircuitBreaker } from '../policies/circuit-breaker.ts';
import { ConcurrencyLimit } from '../policies/concurrency.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { Lane } from './lane.ts';
import { createPurse } from './purse.ts';
import { Wait, type WaitEnd } from './wait.ts';
import { WaitingRoom } from './waiting-room.ts';

const middle = { next: () => 0.5, id: () => '' };
const free = { cost: 0, overdraft: 0 };
const limited = (seconds: number) =>
  failure({ class: 'rate-limit', status: 429, waitMs: seconds * 1000, cooldown: true });

function setUp() {
  const clock = new VirtualClock();
  const room = new WaitingRoom();
  const lanes = ['a', 'b'].map((id) => {
    const limit = new ConcurrencyLimit(clock);
    const breaker = new CircuitBreaker(defaultLimits.breaker, clock, middle);
    return {
      limit,
      lane: new Lane(id, { purse: createPurse(defaultLimits.budget), breaker, limit, clock, turnMs: 5_000 }),
    };
  });
  const [a, b] = lanes as [(typeof lanes)[0], (typeof lanes)[0]];
  const waitFor = (seconds: number, where = [a.lane, b.lane]) => {
    const ends: (WaitEnd & { atMs: number })[] = [];
    const startMs = clock.now();
    const asked = call({ deadlineAtMs: startMs + seconds * 1000 });
    const wait = new Wait(asked, free, where, clock, room, (end) => ends.push({ ...end, atMs: clock.now() - startMs }));
    return { wait, ends };
  };
  return { clock, room, a, b, waitFor };
}

/** Shuts a lane for so many seconds. */
function limit({ lane }: { lane: Lane }, seconds: number): void {
  const ticket = lane.enter(free);
  ticket?.failed(limited(seconds), 'other');
  ticket?.release();
}

/** Fills a lane that was open. */
function fill({ lane, limit: places }: { lane: Lane; limit: ConcurrencyLimit }) {
  const tickets = Array.from({ length: 6 }, () => lane.enter(free));
  places.overloaded();
  return tickets;
}

test('a wait ends with a ticket of the lane that opens first', async () => {
  const { clock, room, a, b, waitFor } = setUp();
  limit(a, 20);
  limit(b, 10);
  const { ends } = waitFor(60);
  assert.equal(room.count, 1);
  await clock.advance(10_000);
  const [end] = ends;
  assert.ok(end !== undefined && 'ticket' in end && end.ticket.lane === b.lane && end.atMs === 10_000);
  assert.deepEqual([room.count, clock.pendingTimers], [0, 0]);
  end.ticket.release();
});

test('it ends at the deadline less what a typical answer takes, and leaves nothing behind', async () => {
  const { clock, room, a, waitFor } = setUp();
  const first = a.lane.enter(free);
  first?.succeeded(4_000);
  first?.release();
  fill(a);
  const { ends } = waitFor(60, [a.lane]);
  await clock.advance(60_000);
  assert.deepEqual(ends, [{ gaveUp: 'patience', atMs: 56_000 }]);
  assert.deepEqual([room.count, clock.pendingTimers], [0, 0]);
});

test('no wait is begun that every lane outlasts, and none goes on', async () => {
  const { clock, room, a, b, waitFor } = setUp();
  limit(a, 60);
  const [served] = waitFor(60).ends;
  assert.ok(served !== undefined && 'ticket' in served && served.ticket.lane === b.lane);
  served.ticket.release();
  limit(b, 90);
  assert.deepEqual(waitFor(60).ends, [{ gaveUp: 'patience', atMs: 0 }]);
  const patient = waitFor(70);
  assert.deepEqual(patient.ends, []);
  patient.wait.cancel();
  await clock.advance(90_000);
  const tickets = fill(a);
  const { ends } = waitFor(50, [a.lane]);
  tickets[0]?.failed(limited(50), 'other');
  assert.deepEqual(ends, [{ gaveUp: 'patience', atMs: 0 }]);
  assert.equal(room.count, 0);
});

test('where the preferred lane is full but well it waits for it, and looks elsewhere only when that shuts', () => {
  const { a, b, waitFor } = setUp();
  const tickets = fill(a);
  const { ends } = waitFor(60);
  assert.deepEqual([ends, b.limit.inFlight], [[], 0]);
  tickets[0]?.failed(limited(20), 'other');
  const [end] = ends;
  assert.ok(end !== undefined && 'ticket' in end && end.ticket.lane === b.lane);
});

test('who leaves, or is shed, takes no place and no ticket', async () => {
  const { clock, room, a, waitFor } = setUp();
  limit(a, 20);
  const [leaver, shed] = [waitFor(60, [a.lane]), waitFor(60, [a.lane])];
  leaver.wait.cancel();
  shed.wait.shed();
  await clock.advance(30_000);
  assert.deepEqual([leaver.ends, shed.ends], [[], [{ gaveUp: 'shed', atMs: 0 }]]);
  assert.deepEqual([room.count, a.limit.inFlight, clock.pendingTimers], [0, 0, 0]);
});
