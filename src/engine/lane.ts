import type { Clock } from '../core/clock.ts';
import { countsAgainstRoute, type Failure } from '../core/outcome.ts';
import type { Admission, CircuitBreaker } from '../policies/circuit-breaker.ts';
import type { ConcurrencyLimit } from '../policies/concurrency.ts';
import { Cooldown } from '../policies/cooldown.ts';
import { EdfQueue, type Waiting } from '../policies/edf-queue.ts';
import { RecentDurations } from '../policies/recent-durations.ts';
import { internalErrorCode, notClaudeCode } from '../wire/classify-stream.ts';
import { Alarm } from './alarm.ts';
import type { Purse } from './purse.ts';
import { Ticket } from './ticket.ts';

/** What an attempt takes from the budget. */
export interface Price {
  /** 0 for a call's first attempt, which is nobody's extra; Infinity: not to be bought. */
  readonly cost: number;
  /** How far the budget may be overdrawn for it. */
  readonly overdraft: number;
}

/** A call that waits for its turn on one lane or several. */
export interface Seeker extends Waiting {
  readonly price: Price;
  admitted(ticket: Ticket): void;
  /** The lane has just shut: the seeker may want to look elsewhere too. */
  shut(lane: Lane): void;
}

/** A page of something else says that the address is wrong, which no probe finds mended; a bug of ours says nothing. */
function speaksAgainstRoute({ class: kind, code }: Failure): boolean {
  return countsAgainstRoute(kind) && code !== notClaudeCode && code !== internalErrorCode;
}

/** The ways to pay, each with its queue: nothing, beyond the budget, a token, and what only a turn or a probe serves. */
const means: readonly ((price: Price) => boolean)[] = [
  ({ cost }) => cost === 0,
  ({ overdraft }) => overdraft > 0,
  ({ cost }) => cost < Number.POSITIVE_INFINITY,
  () => true,
];

/** Classes that mean "too much at once". */
const asksForLess = new Set(['overload', 'rate-limit', 'timeout']);

/**
 * One route's door: upstream × model × credential. It puts breaker, concurrency limit, budget and
 * cooldown together into one answer, "may this attempt go out now?", and serves those who wait,
 * nearest deadline first, whenever one of the four gives way.
 */
export class Lane {
  readonly id: string;
  readonly purse: Purse;
  readonly #breaker: CircuitBreaker;
  readonly #limit: ConcurrencyLimit;
  readonly #clock: Clock;
  readonly #turnMs: number;
  /** Calls that are using this lane at all: attempting, backing off or waiting. */
  callers = 0;

  readonly #cooldown: Cooldown;
  /** With an empty budget one attempt per open interval is free: the lane's turn. */
  #turnAtMs = 0;
  /** One for each way to pay: who cannot pay yet must not hold up those who can. */
  readonly #queues = means.map(() => new EdfQueue<Seeker>());
  readonly #alarm: Alarm;
  readonly #durations = new RecentDurations();

  constructor(
    id: string,
    parts: { purse: Purse; breaker: CircuitBreaker; limit: ConcurrencyLimit; clock: Clock; turnMs: number },
  ) {
    this.id = id;
    this.purse = parts.purse;
    this.#breaker = parts.breaker;
    this.#limit = parts.limit;
    this.#clock = parts.clock;
    this.#cooldown = new Cooldown(parts.clock);
    this.#turnMs = parts.turnMs;
    this.#alarm = new Alarm(parts.clock, () => this.pump());
  }

  get breaker(): CircuitBreaker['state'] {
    return this.#breaker.state;
  }

  /** Attempts that may be in flight; Infinity while it has shown no limit. */
  get inFlightMax(): number {
    return this.#limit.limit;
  }

  /** True while waiting here would be in vain for now: the breaker or a rate limit has closed it. */
  get isShut(): boolean {
    return this.#breaker.state !== 'closed' || this.#cooldown.remainingMs > 0;
  }

  /** True while it lets nobody in at all: those who come now wait, and are paced by it. */
  get isBarred(): boolean {
    return this.#clock.now() < this.#cooldown.admitsAtMs || !this.#breaker.admits;
  }

  /** Lets one attempt out now, or says null. */
  enter(price: Price): Ticket | null {
    if (this.#clock.now() < this.#cooldown.admitsAtMs) return null;
    if (this.#breaker.state === 'closed' && !this.#limit.hasRoom()) return null;
    const admission = this.#breaker.admit();
    if (admission === null) return null;
    if (admission !== 'probe' && price.cost > 0 && !this.#pay(price)) {
      this.#breaker.withdrawn(admission);
      return null;
    }
    this.#cooldown.admitted();
    this.#limit.acquire();
    return new Ticket(this, admission);
  }

  #pay({ cost, overdraft }: Price): boolean {
    if (this.purse.budget.tryTake(cost, overdraft)) return true;
    const now = this.#clock.now();
    if (now < this.#turnAtMs) return false;
    this.#turnAtMs = now + this.#turnMs;
    return true;
  }

  /** Puts a seeker into the queue, or serves it at once; it may be told that the lane shut, but never times out here. */
  join(seeker: Seeker): void {
    this.#queueOf(seeker).push(seeker);
    if (seeker.price.cost > 0) this.purse.hungry.add(this);
    // Time has moved since it was refused: a lane that opened meanwhile would never wake it.
    this.pump();
  }

  /** A seeker has left: the lane need not wake for it, and where it was the last, must not keep the process alive. */
  left(seeker: Seeker): void {
    this.#queueOf(seeker).left();
    this.#arm();
  }

  /** Serves whoever can be served now. */
  pump(): void {
    for (;;) {
      const first = this.#firstOfEach();
      if (first.every(({ price }) => price.cost === 0)) this.purse.hungry.delete(this);
      if (first.length === 0) {
        this.#limit.lift();
        break;
      }
      if (!first.some((seeker) => this.#serve(seeker))) break;
    }
    this.#arm();
  }

  /** Who stands first in each queue, nearest deadline first. */
  #firstOfEach(): Seeker[] {
    const first = this.#queues.flatMap((queue) => queue.peek() ?? []);
    return first.length < 2 ? first : first.sort((a, b) => a.deadlineAtMs - b.deadlineAtMs);
  }

  #serve(seeker: Seeker): boolean {
    const ticket = this.enter(seeker.price);
    if (ticket === null) return false;
    this.#queueOf(seeker).pop();
    seeker.admitted(ticket);
    return true;
  }

  #queueOf({ price }: Seeker): EdfQueue<Seeker> {
    return this.#queues[means.findIndex((suits) => suits(price))] as EdfQueue<Seeker>;
  }

  /** Wakes the lane when time alone opens it: a probe is due, a cooldown ends, its free turn comes. */
  #arm(): void {
    const waiting = this.#firstOfEach();
    const now = this.#clock.now();
    let atMs = Number.POSITIVE_INFINITY;
    if (waiting.length > 0) {
      if (this.#cooldown.admitsAtMs > now) atMs = this.#cooldown.admitsAtMs;
      else if (this.#breaker.state === 'open') atMs = this.#breaker.nextProbeAtMs;
      else if (this.#turnAtMs > now && waiting.some(({ price }) => price.cost > 0)) atMs = this.#turnAtMs;
    }
    if (atMs === Number.POSITIVE_INFINITY) this.#alarm.cancel();
    else this.#alarm.at(atMs);
  }

  /** Time a typical answer takes to its verdict, in milliseconds; 0 before there has been one. */
  medianMs(): number {
    return this.#durations.medianMs();
  }

  /** Until the rate limit that closed it has passed, in milliseconds; 0 where none did. Only a trial that succeeds shortens it. */
  get cooldownMs(): number {
    return this.#cooldown.remainingMs;
  }

  /** The rate limit that closed it, for callers whom it outlasts; null where none did. */
  get rateLimit(): Failure | null {
    return this.#cooldown.failure;
  }

  /** When it may be worth coming back, in milliseconds from now: for `retry-after` on our own errors. */
  get reopensInMs(): number {
    const probeMs = this.#breaker.state === 'open' ? this.#breaker.nextProbeAtMs - this.#clock.now() : 0;
    return Math.max(this.cooldownMs, probeMs, 0);
  }

  /** For `Ticket`: a verdict in favour of the route. */
  succeeded(admission: Admission, durationMs: number): void {
    const before = this.#breaker.state;
    this.#breaker.succeeded(admission);
    this.#limit.succeeded();
    if (before !== 'closed' && this.#breaker.state === 'closed') this.#limit.ramp();
    this.#durations.add(durationMs);
    this.purse.lastSuccessMs = this.#clock.now();
    this.#cooldown.succeeded(durationMs);
    if (before === 'closed') this.purse.budget.succeeded();
    if (this.#queues[0]?.peek()) this.pump();
    if (this.purse.hungry.size > 0) for (const lane of this.purse.hungry) lane.pump();
  }

  /** For `Ticket`: a failure, which may or may not be the route's. */
  failed(admission: Admission, failure: Failure, callId: string): void {
    const wasShut = this.isShut;
    if (speaksAgainstRoute(failure)) this.#breaker.failed(admission, callId, this.callers <= 1);
    // A call that may come again must not find its probe handed back: it would probe without end.
    else if (failure.action === 'retry') this.#breaker.abstained(admission);
    else this.#breaker.withdrawn(admission);
    if (asksForLess.has(failure.class)) this.#limit.overloaded();
    if (failure.cooldown && failure.waitMs !== null) {
      this.#cooldown.limited(failure, failure.waitMs);
      this.#limit.ramp();
    }
    if (!wasShut && this.isShut) this.#displace();
  }

  /** For `Ticket`: the caller left before there was a verdict. */
  withdrawn(admission: Admission): void {
    this.#breaker.withdrawn(admission);
  }

  /** For `Ticket`: the exchange is over and its place is free. */
  released(): void {
    this.#limit.release();
    if (this.#queues.some((queue) => queue.peek() !== null)) this.pump();
  }

  #displace(): void {
    const seekers: Seeker[] = [];
    for (const queue of this.#queues) {
      for (let seeker = queue.pop(); seeker !== null; seeker = queue.pop()) seekers.push(seeker);
    }
    for (const seeker of seekers) seeker.shut(this);
  }
}
