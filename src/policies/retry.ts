import type { Limits } from '../core/limits.ts';
import type { Failure, FailureClass } from '../core/outcome.ts';
import type { Random } from '../core/random.ts';
import { notClaudeCode } from '../wire/classify-stream.ts';
import { fullJitterMs, notBeforeMs } from './backoff.ts';

/** What to do after a failed attempt. */
export type Decision =
  /** Answer the caller now. `patience`: only because its deadline leaves no time for the wait. */
  | { readonly do: 'surface'; readonly because: 'final' | 'patience' }
  /** Attempt again on `route` after `delayMs`, of which `floorMs` was asked for by the server. */
  | {
      readonly do: 'attempt';
      readonly route: number;
      readonly delayMs: number;
      readonly floorMs: number;
      readonly reason: 'retry' | 'fallback';
    };

/** What the plan must know of the moment. */
export interface Moment {
  /** `Clock.now()`. */
  readonly nowMs: number;
  /** Time left to the caller's deadline. */
  readonly remainingMs: number;
  /** The failed route's credential is no OAuth token and worked a short while ago. */
  readonly credentialWorked: boolean;
  /** The request or the route was chosen by us: what it refuses says nothing about the caller's request. */
  readonly routeIsOurs: boolean;
}

const outOfPatience: Decision = { do: 'surface', because: 'patience' };

/** What is wrong with the request or the key is so on every route (R4). */
const callersOwn: ReadonlySet<FailureClass> = new Set(['auth', 'permission', 'request', 'spend-limit']);

/** A 401 of a key that worked just now is tried this many times more, at these waits (R4). */
const suspectWaitsMs = [2_000, 5_000];

/**
 * One call's way through its routes (R4). Pure: told of each failure, it says what comes next.
 * The retries are counted over all routes; a route is left after `fallback_after` failures in a
 * row, or at once when it cannot serve the call at all. A call that has used its retries goes on
 * slowly, and only where nobody is crowded out: see `exhausted`. A call that was given none ends with
 * its first failure.
 */
export class RetryPlan {
  readonly #limits: Limits['retry'];
  readonly #slowMs: number;
  readonly #random: Random;
  /** Routes that may still be asked, by their place in the caller's list. */
  readonly #open: boolean[];
  /** For each route that named a wait, the instant at which that ends. */
  readonly #notBeforeMs: number[] = [];
  #retries = 0;
  #consecutive = 0;
  #suspicions = 0;

  /**
   * @param slowMs least wait between attempts once the retries are used up: the breaker's open interval
   * @param usable for each route, in order, whether it can be asked at all
   */
  constructor(limits: Limits['retry'], slowMs: number, usable: readonly boolean[], random: Random) {
    this.#limits = limits;
    this.#slowMs = slowMs;
    this.#random = random;
    this.#open = [...usable];
  }

  /** The retries are used up: the call may ride on recovery, but no longer spends the budget (R6). */
  get exhausted(): boolean {
    return this.#retries >= this.#limits.max;
  }

  /** One of the retries has gone out. Probes and replays do not count. */
  spend(): void {
    this.#retries++;
  }

  /** Routes that a wait may end on. */
  openRoutes(): number[] {
    return this.#open.flatMap((open, route) => (open ? [route] : []));
  }

  after(route: number, failure: Failure, moment: Moment): Decision {
    if (this.#limits.max === 0) return { do: 'surface', because: 'final' };
    if (failure.class === 'auth' && !moment.routeIsOurs) return this.#afterAuth(route, moment);
    if (failure.action === 'surface' && !moment.routeIsOurs) return { do: 'surface', because: 'final' };
    // What a fallback target refuses says nothing about the first route: only the target is out.
    if (failure.action !== 'retry') return this.#elsewhere(route, moment);
    if (failure.waitMs !== null) this.#notBeforeMs[route] = moment.nowMs + failure.waitMs;
    // A login page or a wrong address does not recover by being waited for.
    if (failure.code === notClaudeCode && this.exhausted) return this.#elsewhere(route, moment);
    // Asked for again because the server says so, and of nobody else.
    if (callersOwn.has(failure.class) && !moment.routeIsOurs) {
      return this.#again(route, failure.waitMs, moment) ?? outOfPatience;
    }
    this.#consecutive++;
    // Never slept through: a wait beyond the deadline means another route, or word to the caller at once.
    if (failure.waitMs !== null && failure.waitMs >= moment.remainingMs) {
      return this.#elsewhere(route, moment, 'patience');
    }
    const next = this.#nextOpen(route);
    if (this.#consecutive >= this.#limits.fallback_after && next !== null) return this.#moveTo(next);
    return this.#again(route, failure.waitMs, moment) ?? this.#elsewhere(route, moment, 'patience');
  }

  /** @returns null where the wait would outlive the caller */
  #again(route: number, waitMs: number | null, moment: Moment): Decision | null {
    const { base, cap } = this.#limits;
    const jitterMs = fullJitterMs(this.#retries, base * 1000, cap * 1000, this.#random);
    const delayMs = notBeforeMs(Math.max(jitterMs, this.exhausted ? this.#slowMs : 0), waitMs, this.#random);
    if (delayMs >= moment.remainingMs) return null;
    return { do: 'attempt', route, delayMs, floorMs: waitMs === null ? 0 : delayMs, reason: 'retry' };
  }

  /**
   * This route cannot serve the call: on to the next, at once, or back to an earlier one, after a wait.
   * @param because why the call ends where there is no other
   */
  #elsewhere(route: number, moment: Moment, because: 'final' | 'patience' = 'final'): Decision {
    this.#open[route] = false;
    const next = this.#nextOpen(route);
    if (next !== null) return this.#moveTo(next);
    const earlier = this.#open.indexOf(true);
    if (earlier < 0) return { do: 'surface', because };
    this.#consecutive = 0;
    const leftMs = (this.#notBeforeMs[earlier] ?? 0) - moment.nowMs;
    return this.#again(earlier, leftMs > 0 ? leftMs : null, moment) ?? outOfPatience;
  }

  #nextOpen(from: number): number | null {
    const next = this.#open.findIndex((open, route) => open && route > from);
    return next < 0 ? null : next;
  }

  #moveTo(route: number): Decision {
    this.#consecutive = 0;
    return { do: 'attempt', route, delayMs: 0, floorMs: 0, reason: 'fallback' };
  }

  #afterAuth(route: number, moment: Moment): Decision {
    const delayMs = suspectWaitsMs[this.#suspicions];
    if (!moment.credentialWorked || delayMs === undefined || delayMs >= moment.remainingMs) {
      return { do: 'surface', because: 'final' };
    }
    this.#suspicions++;
    return { do: 'attempt', route, delayMs, floorMs: delayMs, reason: 'retry' };
  }
}
