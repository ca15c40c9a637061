import type { Call, Reply } from '../core/call.ts';
import { type Clock, wait } from '../core/clock.ts';
import type { AttemptReason, CallEvent, Observer } from '../core/events.ts';
import type { Limits } from '../core/limits.ts';
import type { Random } from '../core/random.ts';
import type { Transport } from '../core/transport.ts';
import type { CollectMode } from '../policies/answer-form.ts';
import { Attempt, hasFailed, type Outcome } from './attempt.ts';
import { type AttemptStart, attemptEvent } from './attempt-event.ts';
import { CallLog } from './call-log.ts';
import { Course, type Intent } from './course.ts';
import { Delivery } from './delivery.ts';
import { type FinalError, finalError, type SurfaceReason } from './final-error.ts';
import type { SharedRun } from './flights.ts';
import { wasImpatient } from './impatience.ts';
import { errorOfKept, isForQueue, type Keeper, queuedBatchId } from './keeper.ts';
import type { Lane } from './lane.ts';
import type { Route } from './routes.ts';
import type { Ticket } from './ticket.ts';
import { Wait, type WaitEnd } from './wait.ts';
import type { WaitingRoom } from './waiting-room.ts';

/** What one call needs of the engine. */
export interface RunDeps {
  readonly collect: CollectMode;
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Transport;
  readonly limits: Limits;
  readonly observer: Observer;
  readonly room: WaitingRoom;
  readonly keeper: Keeper | null;
}

/**
 * One call on its way: attempt after attempt until the caller has a whole answer or a final error.
 * `#run` is the only loop; what it asks (may I go, how did it end, what next) is answered elsewhere.
 * When the caller leaves, the loop is never woken again, or ends where it wakes.
 */
export class CallRun implements SharedRun {
  readonly #deps: RunDeps;
  readonly #call: Call;
  readonly #routes: readonly Route[];
  readonly #course: Course;
  readonly #delivery: Delivery;
  readonly #log: CallLog;
  readonly #onEnd: (run: CallRun) => void;
  readonly #lanes: Lane[] = [];

  // At most one of these is under way.
  #attempt: Attempt | null = null;
  #begun: AttemptStart | null = null;
  #wait: Wait | null = null;
  #sleep: AbortController | null = null;

  #ticket: Ticket | null = null;
  /** Of answers, when the attempt under way began. */
  #writesBefore = 0;
  #draining = false;
  #keeping = false;
  #ended = false;
  /** On the engine's roster. */
  place = -1;
  /** See `SharedRun`; set before the error is told. */
  outOfPatience = false;

  constructor(deps: RunDeps, call: Call, routes: readonly Route[], reply: Reply, onEnd: (run: CallRun) => void) {
    this.#deps = deps;
    this.#call = call;
    this.#routes = routes;
    this.#course = new Course(deps, call, routes);
    this.#log = new CallLog(call, routes[0] as Route);
    const ownHeaders = () => this.#log.headers();
    this.#delivery = new Delivery(deps.clock, call, reply, ownHeaders, () => this.#crashed());
    this.#onEnd = onEnd;
  }

  start(): void {
    this.#run().catch(() => this.#crashed());
  }

  resume(): void {
    this.#delivery.blocked = false;
    this.#attempt?.resume();
  }

  abort(): void {
    if (this.#ended) return;
    this.#stopAttempt();
    this.#wait?.cancel();
    this.#delivery.stop();
    this.#end('aborted');
    this.#sleep?.abort('no longer');
  }

  /** The process shuts down: no wait goes on and none begins; what is under way may end. */
  drain(): void {
    this.#draining = true;
    this.#wait?.shed();
    this.#sleep?.abort('no longer');
  }

  /** The answer ends here as a typed error, never as if it had succeeded. @param reason default: the drain's time is up */
  cut(reason: SurfaceReason = 'drain'): void {
    if (this.#ended) return;
    this.#stopAttempt();
    this.#surface(reason);
  }

  /** A bug of ours: the call ends with an error, and costs no other call. */
  #crashed(): void {
    try {
      this.cut('final');
    } catch {
      this.#delivery.destroy();
      this.#end('failed');
    }
  }

  async #run(): Promise<void> {
    let intent: Intent = { route: 0, delayMs: 0, reason: 'first' };
    for (;;) {
      if (intent.delayMs > 0) await this.#slept(intent.delayMs);
      if (this.#ended) return;
      const ticket = this.#refusal() ?? this.#enter(intent.route) ?? (await this.#waited(intent.route));
      if (typeof ticket === 'string') return this.#surface(ticket);
      if (this.#ended) return ticket.release();
      const outcome = await this.#exchanged(ticket, intent);
      if (this.#ended || !hasFailed(outcome)) return;
      const next = this.#course.after(outcome, this.#log.route, this.#delivery.released);
      if ('surface' in next) return this.#surface(next.surface);
      if ('close' in next) return this.#close(next.close);
      intent = next;
    }
  }

  /** Why no attempt may begin any more (R1); null while one may. */
  #refusal(): SurfaceReason | null {
    if (this.#draining) return 'drain';
    return this.#deps.clock.now() >= this.#call.patience.deadlineAtMs ? 'patience' : null;
  }

  /** A ticket at once: on the preferred route, or on another while that one is shut. */
  #enter(preferred: number): Ticket | null {
    const { lane } = this.#routes[preferred] as Route;
    const ticket = lane.enter(this.#course.price());
    if (ticket !== null || !lane.isShut || this.#routes.length === 1) return ticket;
    for (const other of this.#course.lanes(preferred).slice(1)) {
      const elsewhere = other.enter(this.#course.price());
      if (elsewhere !== null) return elsewhere;
    }
    return null;
  }

  async #waited(preferred: number): Promise<Ticket | SurfaceReason> {
    const { clock, room } = this.#deps;
    const lanes = this.#course.lanes(preferred);
    for (const lane of lanes) this.#use(lane);
    const end = await new Promise<WaitEnd>((resolve) => {
      this.#wait = new Wait(this.#call, this.#course.price(), lanes, clock, room, resolve);
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
    const beganMs = this.#deps.clock.now();
    const isFree = this.#call.endpoint.replay === 'free';
    // What may be sent but once does not go out on a connection that may be dead.
    let outcome = await this.#sent(ticket, route, reason, !isFree);
    const mayReplay = isFree && !this.#ended && this.#refusal() === null;
    if (outcome.stale && mayReplay) outcome = await this.#sent(ticket, route, 'replay', true);
    // The caller may have left between the end of the exchange and here: its ticket is gone then.
    if (this.#ended) return outcome;
    const { failure } = outcome;
    const nowMs = this.#deps.clock.now();
    const isVerdict = failure !== null && !wasImpatient(failure, this.#call, beganMs, nowMs, ticket.lane.medianMs());
    if (isVerdict) ticket.failed(failure, this.#call.id);
    this.#release();
    return outcome;
  }

  async #sent(ticket: Ticket, route: Route, reason: AttemptReason, fresh: boolean): Promise<Outcome> {
    const { clock, transport, limits } = this.#deps;
    const sending = this.#course.sending(route, reason);
    this.#log.attempted(route, reason, sending);
    this.#writesBefore = this.#delivery.writes;
    this.#begun = { index: this.#log.attempts, reason, route, body: sending.body, startedAtMs: clock.now() };
    const outcome = await new Promise<Outcome>((settle) => {
      const { recovery, passBrokenTools } = this.#course;
      const plan = { route, ticket, fresh, recovery, passBrokenTools, warnings: this.#log.warnings, sending };
      const deps = { clock, transport: this.#call.transport ?? transport, timeouts: limits.timeouts };
      this.#attempt = new Attempt(deps, this.#call, plan, this.#delivery, settle);
    });
    this.#tellAttempt(outcome, false);
    // Here, so that a call is told right after its attempt, whichever others end in the same step.
    if (outcome.failure === null) this.#end('whole');
    return outcome;
  }

  #tellAttempt(outcome: Outcome, aborted: boolean): void {
    const { clock, observer } = this.#deps;
    const end = { nowMs: clock.now(), aborted, released: this.#delivery.writes > this.#writesBefore };
    observer.attempt?.(attemptEvent(this.#call, this.#begun as AttemptStart, outcome, end));
  }

  /** Ends what is under way; the attempt's outcome no longer matters to the call. */
  #stopAttempt(): void {
    const outcome = this.#attempt?.abort() ?? null;
    if (outcome !== null) this.#tellAttempt(outcome, true);
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

  async #slept(delayMs: number): Promise<void> {
    if (this.#draining) return;
    this.#sleep = new AbortController();
    await wait(this.#deps.clock, delayMs, this.#sleep.signal);
  }

  #surface(reason: SurfaceReason): void {
    if (this.#ended) return;
    this.outOfPatience = reason === 'patience';
    const { id, patience, receivedAtMs } = this.#call;
    const { lane } = this.#routes[0] as Route;
    const failure = this.#course.finalFailure(reason);
    const error = finalError(failure, reason, id, patience.deadlineAtMs - receivedAtMs, lane.reopensInMs);
    this.#log.failed(failure);
    if (this.#keeping || !isForQueue(this.#call, failure, reason, this.#delivery.released)) return this.#fail(error);
    this.#keeping = true;
    this.#keep(error).catch(() => this.#fail(error));
  }

  /** Puts the call into the queue, and tells the error when that is done: the caller may rely on what it says. */
  async #keep(error: FinalError): Promise<void> {
    const { keeper } = this.#deps;
    const absent = 'there is no queue here';
    const why = await (keeper?.keep(this.#call) ?? Promise.resolve(absent)).catch(() => 'the queue did not answer');
    if (this.#ended) return;
    if (why === null) this.#log.queued = queuedBatchId(this.#call.id);
    else this.#log.warnings.push(`not queued: ${why}`);
    this.#fail(why === null ? errorOfKept(error) : error);
  }

  #fail({ status, headers, body }: FinalError): void {
    this.#delivery.fail(status, headers, body);
    this.#end('failed');
  }

  /** Ends a stream that broke where it stands: what was said makes a whole turn. */
  #close(events: Uint8Array): void {
    this.#delivery.write(events);
    this.#delivery.end();
    this.#end('whole');
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
    this.#onEnd(this);
    this.#deps.observer.call?.(this.#log.event(result, this.#delivery, this.#deps.clock.now()));
  }
}
