import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure } from '../../test/fixtures/failures.ts';
import { defaultLimits } from '../core/limits.ts';
import { CircuitBreaker } from '../policies/circuit-breaker.ts';
import { ConcurrencyLimit } from '../policies/concurrency.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { classifyStream } from '../wire/classify-stream.ts';
import { Lane, type Seeker } from './lane.ts';
import { createPurse } from './purse.ts';
import type { Ticket } from './ticket.ts';

const middle = { next: () => 0.5, id: () => '' };
const free = { cost: 0, overdraft: 0 };
const token = { cost: 1, overdraft: 0 };
const unaffordable = { cost: Number.POSITIVE_INFINITY, overdraft: 0 };
const limited = failure({ class: 'rate-limit', status: 429, waitMs: 20_000, cooldown: true });

function setUp() {
  const clock = new VirtualClock();
  const purse = createPurse(defaultLimits.budget);
  const limit = new ConcurrencyLimit(clock);
  const breaker = new CircuitBreaker(defaultLimits.breaker, clock, middle);
  const lane = new Lane('a', { purse, breaker, limit, clock, turnMs: 5_000 });
  lane.callers = 2;
  return { clock, purse, limit, breaker, lane };
}

class Waiting implements Seeker {
  readonly price: Seeker['price'];
  readonly deadlineAtMs: number;
  settled = false;
  ticket: Ticket | null = null;
  shuts = 0;

  constructor(price: Seeker['price'], deadlineAtMs = Number.POSITIVE_INFINITY) {
    this.price = price;
    this.deadlineAtMs = deadlineAtMs;
  }

  admitted(ticket: Ticket): void {
    this.settled = true;
    this.ticket = ticket;
  }

  shut(lane: Lane): void {
    this.shuts++;
    lane.join(this);
  }
}

/** One attempt that fails. */
function fail(lane: Lane, more = failure(), call = 'call'): void {
  const ticket = lane.enter(free);
  assert.ok(ticket !== null);
  ticket.failed(more, call);
  ticket.release();
}

function open(lane: Lane): void {
  for (let i = 0; i < 5; i++) fail(lane, failure({ class: 'server' }), `call ${i}`);
}

test('a rate limit shuts the lane until its end, and wakes those who wait, nearest deadline first', async () => {
  const { clock, lane } = setUp();
  fail(lane, limited);
  assert.deepEqual([lane.isShut, lane.enter(free), lane.cooldownMs], [true, null, 20_000]);
  const seekers = [300, 100, 200].map((seconds) => new Waiting(free, clock.now() + seconds * 1000));
  for (const seeker of seekers) lane.join(seeker);
  await clock.advance(19_999);
  assert.ok(seekers.every((seeker) => seeker.ticket === null));
  await clock.advance(1);
  assert.ok(seekers.every((seeker) => seeker.ticket !== null));
});

test('a seeker that joins a lane which has opened meanwhile is served at once', async () => {
  const { clock, lane } = setUp();
  fail(lane, limited);
  await clock.advance(20_000);
  const seeker = new Waiting(free);
  lane.join(seeker);
  assert.notEqual(seeker.ticket, null);
});

test('when the last waiter has left, no timer is left', () => {
  const { clock, lane } = setUp();
  fail(lane, limited);
  const seeker = new Waiting(free);
  lane.join(seeker);
  assert.equal(clock.pendingTimers, 1);
  seeker.settled = true;
  lane.left(seeker);
  assert.equal(clock.pendingTimers, 0);
});

test('an open breaker lets one waiter out as its probe, who pays nothing and opens the way for the others', async () => {
  const { clock, lane, purse } = setUp();
  open(lane);
  const seekers = Array.from({ length: 12 }, (_, i) => new Waiting(unaffordable, clock.now() + 100_000 + i));
  for (const seeker of seekers) lane.join(seeker);
  const tokens = purse.budget.tokens;
  await clock.advance(5_000);
  const out = () => seekers.filter((seeker) => seeker.ticket !== null).length;
  assert.deepEqual([out(), seekers[0]?.ticket?.admission], [1, 'probe']);
  seekers[0]?.ticket?.succeeded(10);
  seekers[0]?.ticket?.release();
  // They cannot pay; the lane's free turn takes one of them each five seconds.
  assert.equal(purse.budget.tokens, tokens);
  assert.ok(out() >= 1);
  await clock.advance(5_000);
  assert.ok(out() >= 2);
});

test('without a token one attempt an interval is free, and a success pays for those who wait', async () => {
  const { clock, lane, purse } = setUp();
  while (purse.budget.tryTake(1));
  const turn = lane.enter(token);
  assert.notEqual(turn, null);
  assert.equal(lane.enter(token), null);
  const seekers = [new Waiting(token), new Waiting(token)];
  for (const seeker of seekers) lane.join(seeker);
  await clock.advance(5_000);
  assert.equal(seekers.filter((seeker) => seeker.ticket !== null).length, 1);
  for (let i = 0; i < 2; i++) {
    const healthy = lane.enter(free);
    healthy?.succeeded(1);
    healthy?.release();
  }
  assert.equal(seekers.filter((seeker) => seeker.ticket !== null).length, 2);
});

test('who needs no token does not wait behind one who does', () => {
  const { clock, lane, purse, limit } = setUp();
  while (purse.budget.tryTake(1));
  // The free turn is taken too.
  for (const price of [token, free, free, free, free, free]) lane.enter(price);
  limit.overloaded();
  const poor = new Waiting(token, clock.now() + 1);
  const fresh = new Waiting(free, clock.now() + 2);
  lane.join(poor);
  lane.join(fresh);
  for (let i = 0; i < 3; i++) lane.released();
  assert.deepEqual([poor.ticket, fresh.ticket === null], [null, false]);
});

test('who can pay does not wait behind one who cannot, however near its deadline is', () => {
  const { clock, lane, purse } = setUp();
  while (purse.budget.tryTake(1));
  lane.enter(token);
  const used = new Waiting(unaffordable, clock.now() + 1);
  const paying = new Waiting(token, clock.now() + 2);
  const resuming = new Waiting({ cost: 1, overdraft: 10 }, clock.now() + 3);
  for (const seeker of [used, paying]) lane.join(seeker);
  lane.join(resuming);
  assert.deepEqual([used.ticket, paying.ticket, resuming.ticket === null], [null, null, false]);
  for (let i = 0; i < 4; i++) lane.enter(free)?.succeeded(1);
  assert.deepEqual([used.ticket, paying.ticket === null], [null, false]);
});

test('those who wait for a place are told when the lane shuts', () => {
  const { lane, limit } = setUp();
  const running = Array.from({ length: 6 }, () => lane.enter(free));
  limit.overloaded();
  const seeker = new Waiting(free);
  lane.join(seeker);
  running[0]?.failed(limited, 'call');
  assert.equal(seeker.shuts, 1);
});

test('a request that was wrong says nothing about the route', () => {
  const { lane } = setUp();
  for (let i = 0; i < 20; i++) fail(lane, failure({ class: 'request', status: 400 }), `call ${i}`);
  assert.equal(lane.isShut, false);
});

test('a bug of ours, met while an answer is read, does not shut the route', () => {
  const { lane } = setUp();
  for (let i = 0; i < 30; i++) fail(lane, classifyStream('internal', [], 'TypeError'), `call ${i}`);
  assert.equal(lane.isShut, false);
  for (let i = 0; i < 30 && !lane.isShut; i++) fail(lane, classifyStream('protocol', []), `call ${i}`);
  assert.equal(lane.isShut, true);
});

test('a ticket has one verdict and gives its place back', () => {
  const { lane, limit } = setUp();
  const ticket = lane.enter(free);
  ticket?.succeeded(40);
  ticket?.succeeded(4_000);
  ticket?.release();
  assert.deepEqual([limit.inFlight, lane.medianMs()], [0, 40]);
});

test('the median of the last answers tells who can still be served', () => {
  const { lane } = setUp();
  assert.equal(lane.medianMs(), 0);
  for (let i = 0; i < 100; i++) lane.enter(free)?.succeeded(i < 60 ? 1_000_000 : i);
  assert.equal(lane.medianMs(), 84);
});
