import type { AttemptReason, CallEvent } from '../../../src/core/events.ts';
import { credentialFreshMs, defaultLimits } from '../../../src/core/limits.ts';
import type { Failure } from '../../../src/core/outcome.ts';
import type { Admission } from '../../../src/policies/circuit-breaker.ts';
import { RetryPlan } from '../../../src/policies/retry.ts';
import type { Answer } from './answers.ts';
import { chance, scaled } from './chance.ts';
import type { Caller } from './setting.ts';
import { attemptEventOf, callEventOf, type Route } from './told.ts';
import type { Lane, Traffic } from './traffic.ts';

/** Failures that say something about the route, so that its breaker counts them. */
const routeTrouble = new Set<Failure['class']>([
  ...(['overload', 'server', 'timeout', 'network', 'tls'] as const),
  ...(['protocol', 'truncated', 'stalled'] as const),
]);
const slowMs = defaultLimits.breaker.open * 1000;

function keyOf({ label, credential }: Route): string {
  return `${label} ${credential}`;
}

/** One call through its attempts: the engine in short, with its own retry plan and breakers. */
export class CallPlay {
  readonly #traffic: Traffic;
  readonly #caller: Caller;
  readonly #callId: string;
  readonly #model: string;
  readonly #receivedAtMs: number;
  readonly #deadlineAtMs: number;
  readonly #leaves: boolean;
  readonly #routes: readonly Route[];
  readonly #plan: RetryPlan;
  readonly #recovered: string[] = [];
  #attempts = 0;
  #resumes = 0;
  #route: Route;
  #failure: Failure | null = null;
  #isOver = false;

  constructor(traffic: Traffic, caller: Caller) {
    const { random, clock, setting, habits } = traffic;
    this.#traffic = traffic;
    this.#caller = caller;
    this.#callId = random.id();
    this.#receivedAtMs = clock.now();
    // Half of the callers name a deadline of their own; the others have the engine's.
    this.#deadlineAtMs = this.#receivedAtMs + (chance(random, 0.5) ? scaled(random, 20_000, 120_000) : 600_000);
    this.#leaves = chance(random, habits.leaving?.(this.#receivedAtMs) ?? 0.003);
    const favourite = chance(random, 0.7) ? 0 : Math.floor(random.next() * caller.models.length);
    this.#model = habits.model?.(caller, this.#receivedAtMs, random) ?? (caller.models[favourite] as string);
    const first = habits.upstream?.(caller, random) ?? (setting.upstreams[0] as string);
    const others = setting.fallback ? setting.upstreams.filter((name) => name !== first) : [];
    this.#routes = [first, ...others].map((upstream) => this.#routeTo(upstream));
    this.#route = this.#routes[0] as Route;
    const usable = this.#routes.map(() => true);
    const limits = { ...defaultLimits.retry, max: habits.retries ?? defaultLimits.retry.max };
    this.#plan = new RetryPlan(limits, slowMs, usable, random);
  }

  begin(): void {
    const { habits, clock, random } = this.#traffic;
    const refused = habits.refusing?.(clock.now(), random) ?? null;
    // A call that is shed has waited a while; one that comes to a closing gateway has not.
    if (refused !== null) {
      const delayMs = refused === 'shed' ? scaled(random, 1, 20_000) : 1;
      clock.after(delayMs, () => this.#end('failed', 529));
      return;
    }
    this.#go(0, 'first');
  }

  #routeTo(upstream: string): Route {
    const isFirst = upstream === this.#traffic.setting.upstreams[0];
    const credential = isFirst ? this.#caller.credential : `own-${upstream}`;
    return { label: `${upstream}/${this.#model}`, upstream, credential };
  }

  /** Asks a route, or waits for its breaker; another that is open takes the call meanwhile. */
  #go(index: number, reason: AttemptReason): void {
    const route = this.#routes[index] as Route;
    const { clock, random } = this.#traffic;
    const { breaker, cooldown } = this.#laneOf(route);
    const cooldownMs = cooldown.admitsAtMs - clock.now();
    if (cooldownMs > 0) {
      // Nobody waits for a rate limit that outlasts the call: the caller is told of it at once.
      const isLonger = clock.now() + cooldown.remainingMs >= this.#deadlineAtMs;
      if (!isLonger) return this.#wait(cooldownMs, index, reason);
      this.#failure = cooldown.failure;
      return this.#end('failed', 429);
    }
    const admission = breaker.admit();
    if (admission !== null) {
      cooldown.admitted();
      return this.#attempt(index, admission, admission === 'probe' ? 'probe' : reason);
    }
    const other = this.#plan.openRoutes().find((at) => this.#laneOf(this.#routes[at] as Route).breaker.admits);
    if (other !== undefined) return this.#go(other, 'fallback');
    const probeMs = Math.max(breaker.nextProbeAtMs - clock.now(), 0);
    this.#wait(probeMs + scaled(random, 50, 1_000), index, reason);
  }

  /** Waits to ask a route again, or ends the call at its deadline. */
  #wait(delayMs: number, index: number, reason: AttemptReason): void {
    const { clock } = this.#traffic;
    const remainingMs = this.#deadlineAtMs - clock.now();
    if (delayMs < remainingMs) clock.after(delayMs, () => this.#go(index, reason));
    else clock.after(remainingMs, () => this.#end('failed', this.#failure?.status ?? 529));
  }

  #attempt(index: number, admission: Admission, reason: AttemptReason): void {
    const { clock, random, habits } = this.#traffic;
    const route = this.#routes[index] as Route;
    this.#route = route;
    this.#attempts++;
    if (reason !== 'first' && this.#attempts > 1) this.#took(reason);
    const startedAtMs = clock.now();
    const answer = this.#traffic.answer({
      ...{ atMs: startedAtMs, upstream: route.upstream, model: this.#model, credential: route.credential },
      ...{ caller: this.#caller.name, callId: this.#callId, reason },
    });
    const leftMs = this.#leaves && answer.failure === null ? answer.totalMs * random.next() : Number.POSITIVE_INFINITY;
    const cutMs = (habits.cutAtMs ?? Number.POSITIVE_INFINITY) - startedAtMs;
    const untilMs = Math.min(leftMs, cutMs < 0 ? Number.POSITIVE_INFINITY : cutMs);
    const aborted = untilMs < answer.totalMs;
    clock.after(Math.min(untilMs, answer.totalMs), () => {
      const who = { callId: this.#callId, index: this.#attempts, model: this.#model, caller: this.#caller.name };
      const event = attemptEventOf({ ...who, ...route, reason, startedAtMs }, answer, clock.now(), aborted, random);
      this.#traffic.events.push({ atMs: clock.now(), attempt: event });
      if (aborted) {
        this.#laneOf(route).breaker.withdrawn(admission);
        return untilMs === leftMs ? this.#end('aborted', event.status) : this.#end('failed', 529);
      }
      this.#settle(route, admission, answer, event.totalMs);
      if (answer.failure === null) return this.#end('whole', 200);
      // The caller is told what the first route said.
      if (index === 0) this.#failure = answer.failure;
      this.#next(index, answer.failure, answer.released);
    });
  }

  #settle(route: Route, admission: Admission, { failure }: Answer, durationMs: number): void {
    const { worked, clock } = this.#traffic;
    const { breaker, cooldown } = this.#laneOf(route);
    if (failure === null) {
      worked.set(keyOf(route), clock.now());
      breaker.succeeded(admission);
      cooldown.succeeded(durationMs);
      return;
    }
    if (failure.cooldown && failure.waitMs !== null) cooldown.limited(failure, failure.waitMs);
    if (routeTrouble.has(failure.class)) breaker.failed(admission, this.#callId, false);
    else breaker.withdrawn(admission);
  }

  #next(index: number, failure: Failure, released: boolean): void {
    const { clock, worked } = this.#traffic;
    if (released && this.#traffic.habits.retries !== 0) {
      if (this.#resumes++ < defaultLimits.recovery.resumes) return this.#go(index, 'resume');
      return this.#end('failed', 200);
    }
    const route = this.#routes[index] as Route;
    const workedAtMs = worked.get(keyOf(route)) ?? 0;
    const decision = this.#plan.after(index, failure, {
      nowMs: clock.now(),
      remainingMs: this.#deadlineAtMs - clock.now(),
      credentialWorked: clock.now() - workedAtMs < credentialFreshMs,
      routeIsOurs: index > 0,
    });
    if (decision.do === 'surface') return this.#end('failed', failure.status);
    if (decision.reason === 'retry') this.#plan.spend();
    clock.after(decision.delayMs, () => this.#go(decision.route, decision.reason));
  }

  #took(reason: AttemptReason): void {
    const name = reason === 'probe' || reason === 'replay' ? 'retry' : reason;
    if (!this.#recovered.includes(name)) this.#recovered.push(name);
  }

  #laneOf(route: Route): Lane {
    return this.#traffic.lane(keyOf(route));
  }

  #end(result: CallEvent['result'], status: number | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { clock } = this.#traffic;
    const { name, client } = this.#caller;
    const facts = { callId: this.#callId, model: this.#model, caller: name, client, receivedAtMs: this.#receivedAtMs };
    const course = { attempts: this.#attempts, recovered: this.#recovered, route: this.#route.label };
    const ending = { result, status, failure: this.#failure };
    this.#traffic.events.push({ atMs: clock.now(), call: callEventOf({ ...facts, ...course }, ending, clock.now()) });
  }
}
