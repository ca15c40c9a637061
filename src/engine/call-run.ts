import type { Call, Flow, Reply } from '../core/call.ts';
import type { Clock, Timer } from '../core/clock.ts';
import type { AttemptReason, CallEvent, Observer } from '../core/events.ts';
import { credentialFreshMs, type Limits } from '../core/limits.ts';
import type { Random } from '../core/random.ts';
import type { Transport } from '../core/transport.ts';
import { RetryPlan } from '../policies/retry.ts';
import { Attempt, type Outcome } from './attempt.ts';
import { CallLog } from './call-log.ts';
import { Delivery } from './delivery.ts';
import { finalError, type SurfaceReason } from './final-error.ts';
import type { Lane, Ticket } from './lane.ts';
import { RouteBodies } from './route-bodies.ts';
import type { Route } from './routes.ts';
import { brokenToolCode } from './stream-receiver.ts';
import { Wait, type WaitEnd } from './wait.ts';
import type { WaitingRoom } from './waiting-room.ts';

/** What one call needs of the engine. */
export interface RunDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Transport;
  readonly limits: Limits;
  readonly observer: Observer;
  readonly room: WaitingRoom;
}

/** The next attempt, as the plan wants it. */
interface Intent {
  readonly route: number;
  readonly delayMs: number;
  readonly reason: AttemptReason;
}

/**
 * One call on its way: attempt after attempt until the caller has a whole answer or a final error.
 * `#run` is the only loop; what it asks (may I go, how did it end, what next) is answered elsewhere.
 * When the caller leaves, the loop is simply never woken again.
 */
export class CallRun implements Flow {
  readonly #deps: RunDeps;
  readonly #call: Call;
  readonly #routes: readonly Route[];
  readonly #bodies: RouteBodies;
  readonly #delivery: Delivery;
  readonly #log: CallLog;
  readonly #onEnd: (run: CallRun) => void;
  /** Made at the first trouble: a healthy call needs none. */
  #plan: RetryPlan | null = null;
  readonly #lanes: Lane[] = [];
  #passBrokenTools = false;

  // At most one of these is under way.
  #attempt: Attempt | null = null;
  #wait: Wait | null = null;
  #sleep: { readonly timer: Timer; readonly wake: () => void } | null = null;

  #ticket: Ticket | null = null;
  #draining = false;
  #ended = false;

  constructor(deps: RunDeps, call: Call, routes: readonly Route[], reply: Reply, onEnd: (run: CallRun) => void) {
    this.#deps = deps;
    this.#call = call;
    this.#routes = routes;
    this.#bodies = new RouteBodies(call, routes);
    this.#log = new CallLog(call, routes[0] as Route);
    this.#delivery = new Delivery(deps.clock, call, reply, () => this.#log.headers());
    this.#onEnd = onEnd;
  }

  start(): void {
    void this.#run();
  }

  resume(): void {
    this.#delivery.blocked = false;
    this.#attempt?.resume();
  }

  abort(): void {
    if (this.#ended) return;
    this.#attempt?.abort();
    this.#wait?.cancel();
    if (this.#sleep !== null) this.#deps.clock.cancel(this.#sleep.timer);
    this.#delivery.stop();
    this.#end('aborted');
  }

  /** The process shuts down: no wait goes on and none begins; what is under way may end. */
  drain(): void {
    this.#draining = true;
    this.#wait?.shed();
    this.#wake();
  }

  /** The drain's time is up: the answer ends as a typed error, never as if it had succeeded. */
  cut(): void {
    if (this.#ended) return;
    this.#attempt?.abort();
    this.#surface('drain');
  }

  async #run(): Promise<void> {
    let intent: Intent = { route: 0, delayMs: 0, reason: 'first' };
    for (;;) {
      if (intent.delayMs > 0) await this.#slept(intent.delayMs);
      const ticket = this.#draining ? 'drain' : (this.#enter(intent.route) ?? (await this.#waited(intent.route)));
      if (typeof ticket === 'string') return this.#surface(ticket);
      if (this.#ended) return ticket.release();
      const outcome = await this.#exchanged(ticket, intent);
      if (this.#ended) return;
      if (outcome.failure === null) return this.#end('whole');
      const next = this.#next(outcome);
      if (typeof next === 'string') return this.#surface(next);
      intent = next;
    }
  }

  /** A ticket at once: on the preferred route, or on another while that one is shut. */
  #enter(preferred: number): Ticket | null {
    const { lane } = this.#routes[preferred] as Route;
    const ticket = lane.enter(this.#cost());
    if (ticket !== null || !lane.isShut || this.#routes.length === 1) return ticket;
    for (const other of this.#openLanes(preferred).slice(1)) {
      const elsewhere = other.enter(this.#cost());
      if (elsewhere !== null) return elsewhere;
    }
    return null;
  }

  async #waited(preferred: number): Promise<Ticket | SurfaceReason> {
    const { clock, room } = this.#deps;
    const lanes = this.#openLanes(preferred);
    for (const lane of lanes) this.#use(lane);
    const end = await new Promise<WaitEnd>((resolve) => {
      this.#wait = new Wait(this.#call, this.#cost(), lanes, clock, room, resolve);
    });
    this.#wait = null;
    if ('gaveUp' in end) return this.#draining ? 'drain' : end.gaveUp;
    return end.ticket;
  }

  /** One exchange, and its replay where a reused connection turned out to be dead: no token, no count. */
  async #exchanged(ticket: Ticket, intent: Intent): Promise<Outcome> {
    const route = this.#routes.find((candidate) => candidate.lane === ticket.lane) as Route;
    const reason = this.#reasonOf(ticket, route, intent);
    this.#use(ticket.lane);
    this.#ticket = ticket;
    if (this.#log.attempts > 0 && reason !== 'probe') this.#plan?.spend();
    let outcome = await this.#sent(ticket, route, reason, false);
    const replay = outcome.stale && this.#call.endpoint.replay === 'free' && !this.#ended;
    if (replay) outcome = await this.#sent(ticket, route, 'replay', true);
    // The caller may have left between the end of the exchange and here: its ticket is gone then.
    if (this.#ended) return outcome;
    if (outcome.failure !== null) ticket.failed(outcome.failure, this.#call.id);
    this.#release();
    return outcome;
  }

  async #sent(ticket: Ticket, route: Route, reason: AttemptReason, fresh: boolean): Promise<Outcome> {
    const { clock, transport, limits, observer } = this.#deps;
    const body = this.#bodies.for(route);
    this.#log.attempted(route, reason, this.#bodies.adapted(route));
    const startedAtMs = clock.now();
    const outcome = await new Promise<Outcome>((resolve) => {
      const plan = { route, ticket, body, fresh, passBrokenTools: this.#passBrokenTools };
      const deps = { clock, transport: this.#call.transport ?? transport, timeouts: limits.timeouts };
      this.#attempt = new Attempt(deps, this.#call, plan, this.#delivery, resolve);
    });
    this.#attempt = null;
    observer.attempt?.({
      callId: this.#call.id,
      index: this.#log.attempts,
      reason,
      route: route.label,
      startedAtMs,
      firstByteMs: outcome.firstByteMs,
      totalMs: clock.now() - startedAtMs,
      status: outcome.status,
      requestId: outcome.requestId,
      failure: outcome.failure?.class ?? null,
      released: this.#delivery.released,
    });
    return outcome;
  }

  /** What follows a failure: the next attempt, or the reason to give up. */
  #next(outcome: Outcome): Intent | SurfaceReason {
    const failure = outcome.failure as NonNullable<Outcome['failure']>;
    const index = this.#routes.indexOf(this.#log.route);
    this.#log.lastFailure = failure;
    if (index === 0) this.#log.firstRouteFailure = failure;
    if (failure.code === brokenToolCode) this.#passBrokenTools = true;
    if (this.#delivery.released || (outcome.sent && this.#call.endpoint.replay === 'unsent')) return 'final';
    if (index > 0 && this.#bodies.leaveOutThinking(this.#log.route, failure)) {
      return { route: index, delayMs: 0, reason: 'retry' };
    }
    const now = this.#deps.clock.now();
    const decision = this.#thePlan().after(index, failure, {
      remainingMs: this.#call.patience.deadlineAtMs - now,
      credentialWorked: this.#credentialWorked(now),
    });
    if (decision.do === 'surface') return decision.because;
    // A shut lane paces those who wait by itself; a backoff on top would only miss its probe.
    const shut = (this.#routes[decision.route] as Route).lane.isShut;
    return { route: decision.route, delayMs: shut ? decision.floorMs : decision.delayMs, reason: decision.reason };
  }

  #thePlan(): RetryPlan {
    if (this.#plan === null) {
      const usable = this.#routes.map((route) => this.#bodies.isUsable(route));
      const { retry, breaker } = this.#deps.limits;
      this.#plan = new RetryPlan(retry, breaker.open * 1000, usable, this.#deps.random);
    }
    return this.#plan;
  }

  #credentialWorked(now: number): boolean {
    const { credential, lane } = this.#log.route;
    return credential !== null && !credential.oauth && now - lane.purse.lastSuccessMs <= credentialFreshMs;
  }

  #openLanes(preferred: number): Lane[] {
    const others =
      this.#routes.length === 1
        ? []
        : this.#thePlan()
            .openRoutes()
            .filter((route) => route !== preferred);
    return [preferred, ...others].map((route) => (this.#routes[route] as Route).lane);
  }

  /**
   * A call's first attempt is nobody's extra; one after a rate limit costs less (R5). A call that
   * has used its retries cannot pay at all: it goes out as a probe, or in the lane's free turn.
   */
  #cost(): number {
    if (this.#log.attempts === 0) return 0;
    if (this.#plan?.exhausted) return Number.POSITIVE_INFINITY;
    return this.#log.lastFailure?.class === 'rate-limit' ? 0.4 : 1;
  }

  #use(lane: Lane): void {
    if (this.#lanes.includes(lane)) return;
    this.#lanes.push(lane);
    lane.callers++;
  }

  #reasonOf(ticket: Ticket, route: Route, intent: Intent): AttemptReason {
    if (ticket.admission === 'probe') return 'probe';
    if (route !== this.#log.route && route !== this.#routes[0]) return 'fallback';
    return intent.reason === 'fallback' ? 'retry' : intent.reason;
  }

  #slept(delayMs: number): Promise<void> {
    if (this.#draining) return Promise.resolve();
    return new Promise((wake) => {
      this.#sleep = { timer: this.#deps.clock.after(delayMs, () => this.#wake()), wake };
    });
  }

  #wake(): void {
    if (this.#sleep === null) return;
    const { timer, wake } = this.#sleep;
    this.#sleep = null;
    this.#deps.clock.cancel(timer);
    wake();
  }

  #surface(reason: SurfaceReason): void {
    if (this.#ended) return;
    const { id, patience, receivedAtMs } = this.#call;
    const failure = this.#log.firstRouteFailure ?? this.#log.lastFailure;
    const { reopensInMs } = (this.#routes[0] as Route).lane;
    const error = finalError(failure, reason, id, patience.deadlineAtMs - receivedAtMs, reopensInMs);
    this.#delivery.fail(error.status, error.headers, error.body);
    this.#end('failed');
  }

  #release(): void {
    this.#ticket?.release();
    this.#ticket = null;
  }

  #end(result: CallEvent['result']): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#release();
    for (const lane of this.#lanes) lane.callers--;
    this.#deps.observer.call?.(this.#log.event(result, this.#delivery.status, this.#deps.clock.now()));
    this.#onEnd(this);
  }
}
