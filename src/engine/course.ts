import type { Body, Call, RawHeaders } from '../core/call.ts';
import type { Clock } from '../core/clock.ts';
import type { AttemptReason } from '../core/events.ts';
import { credentialFreshMs, type Limits } from '../core/limits.ts';
import type { Failure, FailureClass } from '../core/outcome.ts';
import type { Random } from '../core/random.ts';
import { AnswerFormChoice, type CollectMode } from '../policies/answer-form.ts';
import { fullJitterMs } from '../policies/backoff.ts';
import { RetryPlan } from '../policies/retry.ts';
import { insertMember, replaceMembers } from '../wire/json-edit.ts';
import { scanMembers } from '../wire/json-scan.ts';
import { threadOf } from '../wire/resume-request.ts';
import type { Splicer } from '../wire/splice.ts';
import type { Failed } from './attempt.ts';
import type { SurfaceReason } from './final-error.ts';
import type { Lane, Price } from './lane.ts';
import { brokenToolCode } from './receiver.ts';
import { type Asked, Recovery } from './recovery.ts';
import { RouteBodies } from './route-bodies.ts';
import type { Route } from './routes.ts';

/** The next attempt. */
export interface Intent {
  readonly route: number;
  readonly delayMs: number;
  readonly reason: AttemptReason;
}

/** What follows an attempt that failed. */
export type Step = Intent | { readonly surface: SurfaceReason } | { readonly close: Uint8Array };

/** What one attempt sends. */
export interface Sending {
  readonly body: Body;
  readonly headers: RawHeaders;
  readonly adapted: readonly string[];
  /** The upstream is asked for a stream. */
  readonly streams: boolean;
  /** Not null: what comes is not passed on as it is, because it continues an answer that broke, or thinks for itself (R11). */
  readonly splicer: Splicer | null;
  /** How it continues it: asked to go on, or for the whole answer again. null where it does not. */
  readonly recovers: 'resume' | 'regenerate' | null;
}

export interface CourseDeps {
  readonly collect: CollectMode;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: Limits;
}

const streamMember: ReadonlySet<string> = new Set(['stream']);
/** What a fallback refuses speaks of the fallback and its key, which the caller did not ask for (R7). */
const refusals: ReadonlySet<FailureClass> = new Set(['auth', 'permission', 'model', 'request', 'spend-limit']);
/** Speaks of the caller's credential, whatever is asked with it: that never falls back (R4). */
const ofTheCredential: ReadonlySet<FailureClass> = new Set(['auth', 'permission', 'spend-limit']);
/** An answer in one piece was on its way when it broke. */
const cuts: ReadonlySet<FailureClass> = new Set(['network', 'truncated', 'stalled']);
/** A resume may overdraw the budget by so much (R5): a caller is in the middle of an answer. */
const resumeOverdraft = 10;

/**
 * The course of one call: which route next, when, with which body, and whether a stream that broke
 * is closed, continued or given up. It decides; `CallRun` does.
 */
export class Course {
  readonly #deps: CourseDeps;
  readonly #call: Call;
  readonly #routes: readonly Route[];
  readonly #bodies: RouteBodies;
  readonly recovery: Recovery;
  /** Made at the first trouble: a healthy call needs none. */
  #plan: RetryPlan | null = null;
  #attempts = 0;
  #lastFailure: Failure | null = null;
  /** The first route's error comes before a fallback's: the caller asked for that one (R7). */
  #firstRouteFailure: Failure | null = null;
  passBrokenTools = false;
  /** null for what has one form only: all but Messages. */
  readonly #form: AnswerFormChoice | null;

  constructor(deps: CourseDeps, call: Call, routes: readonly Route[]) {
    this.#deps = deps;
    this.#call = call;
    this.#routes = routes;
    this.#bodies = new RouteBodies(call, routes);
    this.recovery = new Recovery(call, deps.limits.recovery);
    this.#form =
      call.facts === null || call.endpoint.name !== 'messages' ? null : new AnswerFormChoice(deps.collect, call.facts);
  }

  /** What the caller is told when nothing helps; null when nothing was ever sent to a route that could take the call. */
  finalFailure(reason: SurfaceReason): Failure | null {
    const asked = this.recovery.original ?? this.#firstRouteFailure;
    if (asked !== null) return asked;
    if (this.#lastFailure !== null && !refusals.has(this.#lastFailure.class)) return this.#lastFailure;
    return reason === 'patience' ? this.#routeAt(0).lane.rateLimit : null;
  }

  /** What this route is sent now. Counts as an attempt. */
  sending(route: Route, reason: AttemptReason): Sending {
    if (this.#attempts++ > 0 && reason !== 'probe' && reason !== 'replay') this.#plan?.spend();
    const streams = this.#form?.current === 'stream';
    const own = this.#bodies.for(route);
    const body = this.#form === null ? own : askedAs(streams, own, this.#call);
    const [headers, adapted] = [this.#bodies.headers(route), this.#bodies.adapted(route)];
    const continuation = this.recovery.active ? this.recovery.continue(this.#asked(route, body)) : null;
    // Routes that cannot continue are not in the plan; the whole answer in the middle of the caller's would be the worst.
    if (this.recovery.active && continuation === null) throw new Error('a route was asked that cannot continue');
    if (continuation === null) {
      const splicer = this.#bodies.hidesThinking(route) ? this.recovery.withoutThinking() : null;
      return { body, headers, adapted, streams, splicer, recovers: null };
    }
    const { form, splicer } = continuation;
    const recovers = form === 'again' ? 'regenerate' : 'resume';
    return { body: continuation.body, headers, adapted, streams, splicer, recovers };
  }

  /**
   * What an attempt costs the budget: nothing for a call's first, less after a rate limit (R5). A
   * call that has used its retries cannot pay at all: it goes out as a probe, or in the lane's free turn.
   */
  price(): Price {
    if (this.#attempts === 0) return { cost: 0, overdraft: 0 };
    if (this.#plan?.exhausted) return { cost: Number.POSITIVE_INFINITY, overdraft: 0 };
    const cost = this.#lastFailure?.class === 'rate-limit' ? 0.4 : 1;
    return { cost, overdraft: this.recovery.active ? resumeOverdraft : 0 };
  }

  /** Where the call may go, the preferred route first. */
  lanes(preferred: number): Lane[] {
    const open = this.#routes.length === 1 ? [] : this.#thePlan().openRoutes();
    return [preferred, ...open.filter((route) => route !== preferred)].map((route) => this.#routeAt(route).lane);
  }

  /**
   * @param route that the attempt went to
   * @param released part of an answer has reached the caller
   */
  after(outcome: Failed, route: Route, released: boolean): Step {
    const { failure } = outcome;
    const index = this.#routes.indexOf(route);
    this.#lastFailure = failure;
    if (index === 0) this.#firstRouteFailure = failure;
    if (failure.code === brokenToolCode) this.passBrokenTools = true;
    if (outcome.sent && this.#call.endpoint.replay === 'unsent') return { surface: 'unsent' };
    if (this.#keepsAnotherAnswer(outcome, released)) return { surface: 'unsent' };
    if (!released) this.#form?.failed(failure.class, outcome.status, failure.code === brokenToolCode);
    if (released && this.recovery.isNewBreak) return this.#afterBreak(failure, index);
    if (this.recovery.active && failure.action === 'surface' && this.recovery.refused()) return now(index, 'resume');
    if (index > 0 && this.#bodies.adaptTo(route, failure, this.recovery.active)) return now(index, 'retry');
    const nowMs = this.#deps.clock.now();
    const decision = this.#thePlan().after(index, failure, {
      nowMs,
      remainingMs: this.#call.patience.deadlineAtMs - nowMs,
      credentialWorked: credentialWorked(route, nowMs),
      // The request that continues is ours: its refusal is not the caller's to see.
      routeIsOurs: index > 0 || (this.recovery.active && !ofTheCredential.has(failure.class)),
    });
    if (decision.do === 'surface') return { surface: decision.because };
    // A barred lane paces those who wait by itself; a backoff on top would only miss its probe.
    const delayMs = this.#routeAt(decision.route).lane.isBarred ? decision.floorMs : decision.delayMs;
    return { route: decision.route, delayMs, reason: decision.reason };
  }

  /**
   * The API keeps the answers of a thread, whole. Once it has begun one, a `continue` that is sent again
   * is refused, and what we would make of the half that came is not what it keeps; only the caller, who
   * has the whole conversation, can begin the thread anew (R10).
   */
  #keepsAnotherAnswer({ failure, status }: Failed, released: boolean): boolean {
    const { body, endpoint } = this.#call;
    const { message, final } = this.recovery.said;
    const hasBegun = message !== null || (status === 200 && this.#form?.current === 'whole' && cuts.has(failure.class));
    if (!hasBegun || final !== null || endpoint.name !== 'messages' || !(body instanceof Uint8Array)) return false;
    const thread = threadOf(body);
    return thread === 'continue' || (thread === 'create' && released);
  }

  /** The stream broke in the middle of what the caller is reading. */
  #afterBreak(failure: Failure, index: number): Step {
    const remedy = this.recovery.broke(failure, this.#asked(this.#routeAt(index)));
    if (remedy.do === 'surface') return { surface: 'final' };
    if (remedy.do === 'close') return { close: remedy.events };
    const { clock, random, limits } = this.#deps;
    // A new request, with retries of its own; the resumes themselves are counted by the recovery.
    this.#plan = null;
    const delayMs = remedy.backoff ? fullJitterMs(0, limits.retry.base * 1000, limits.retry.cap * 1000, random) : 0;
    if (clock.now() + delayMs >= this.#call.patience.deadlineAtMs) return { surface: 'patience' };
    const usable = this.#thePlan().openRoutes();
    const next = usable.includes(index) ? index : usable[0];
    return next === undefined ? { surface: 'final' } : { route: next, delayMs, reason: 'resume' };
  }

  #thePlan(): RetryPlan {
    if (this.#plan === null) {
      const usable = this.#routes.map((route) => this.#isUsable(route));
      const { retry, breaker } = this.#deps.limits;
      this.#plan = new RetryPlan(retry, breaker.open * 1000, usable, this.#deps.random);
    }
    return this.#plan;
  }

  #isUsable(route: Route): boolean {
    if (!this.#bodies.isUsable(route)) return false;
    return !this.recovery.active || this.recovery.canContinue(this.#asked(route));
  }

  #asked(route: Route, body = this.#bodies.for(route)): Asked {
    return { route, body, hidesThinking: this.#bodies.hidesThinking(route) };
  }

  #routeAt(index: number): Route {
    return this.#routes[index] as Route;
  }
}

/** The body with its `stream` member as the upstream is to be asked, where that is not as the caller asked. */
function askedAs(streams: boolean, body: Body, { facts }: Call): Body {
  if (facts === null || facts.stream === streams || !(body instanceof Uint8Array)) return body;
  const span = scanMembers(body, streamMember)?.get('stream');
  const json = String(streams);
  return span === undefined ? insertMember(body, 'stream', json) : replaceMembers(body, [{ span, json }]);
}

function now(route: number, reason: AttemptReason): Intent {
  return { route, delayMs: 0, reason };
}

function credentialWorked({ credential, lane }: Route, nowMs: number): boolean {
  return credential !== null && !credential.oauth && nowMs - lane.purse.lastSuccessMs <= credentialFreshMs;
}
