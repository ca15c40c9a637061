import { took } from '../core/duration.ts';
import type { AttemptEvent } from '../core/events.ts';
import { countsAgainstRoute } from '../core/outcome.ts';
import { ChangeDetector } from './detector.ts';
import { FirstBytes } from './first-bytes.ts';
import { longMs, shortMs, slowExtraMs, slowForGoodMs, staleMs } from './limits.ts';
import type { Counts, HealthChange, HealthState, RouteHealth } from './state.ts';
import { Subject } from './subject.ts';

/** One upstream × model: what became of its attempts, and how it stands by them. */
export class Route {
  readonly #name: Pick<RouteHealth, 'route' | 'upstream' | 'model'>;
  readonly #subject = new Subject();
  readonly #detector = new ChangeDetector();
  readonly #firstBytes = new FirstBytes();
  #slow = false;
  #slowSinceMs: number | null = null;
  /** Its last state that was told. */
  #told: HealthState = 'healthy';

  constructor({ route, upstream, model }: AttemptEvent) {
    this.#name = { route, upstream, model };
  }

  /** @returns what has changed by this attempt; null: nothing has */
  add(event: AttemptEvent, atMs: number): HealthChange | null {
    this.#subject.add(event, atMs);
    const { failure, firstByteMs, callId, caller } = event;
    // What is somebody's own fault says nothing of the route, neither good nor bad.
    if (failure !== null && !countsAgainstRoute(failure)) return null;
    this.#detector.observe(atMs, failure !== null, callId, caller);
    if (firstByteMs !== null && failure === null) this.#timed(atMs, firstByteMs);
    const to = this.#state;
    if (to === this.#told) return null;
    const change: HealthChange = { route: this.#name.route, from: this.#told, to, atMs, why: this.#why(atMs) };
    this.#told = to;
    return change;
  }

  health(atMs: number): RouteHealth {
    const lastAtMs = this.#subject.lastAtMs;
    const isStale = lastAtMs === null || lastAtMs <= atMs - staleMs;
    const bySlowness = this.#slow && this.#detector.state === 'healthy';
    return {
      ...this.#name,
      ...this.#subject.health(atMs),
      state: isStale ? null : this.#state,
      sinceMs: bySlowness ? this.#slowSinceMs : this.#detector.sinceMs,
      firstByteMs: this.#firstBytes.recentMs(atMs),
      usualFirstByteMs: this.#firstBytes.usualMs(atMs),
    };
  }

  get #state(): HealthState {
    const { state } = this.#detector;
    return this.#slow && state === 'healthy' ? 'degraded' : state;
  }

  #timed(atMs: number, firstByteMs: number): void {
    const isUsual = !this.#slow || atMs - (this.#slowSinceMs ?? atMs) > slowForGoodMs;
    this.#firstBytes.add(atMs, firstByteMs, isUsual);
    // A median that is too long has long ones in it: quick ones need no look.
    if (!this.#slow && firstByteMs < slowExtraMs) return;
    const isSlow = this.#firstBytes.isSlow(atMs, this.#slow);
    if (isSlow && !this.#slow) {
      this.#slowSinceMs = atMs;
      this.#firstBytes.keepUsual(atMs);
    }
    this.#slow = isSlow;
  }

  #why(atMs: number): string {
    if (this.#slow && this.#detector.state === 'healthy') {
      const [now, usual] = [this.#firstBytes.recentMs(atMs), this.#firstBytes.usualMs(atMs)].map(firstByteText);
      return `The first byte of an answer takes ${now}, usually ${usual}.`;
    }
    const { short, long } = this.#subject.health(atMs);
    return `${shareText(short, shortMs)}, ${shareText(long, longMs)}.`;
  }
}

function shareText(counts: Counts, spanMs: number): string {
  const failed = againstRoute(counts);
  return `${failed} of ${counts.attempts} attempts of the last ${spanMs === shortMs ? 'minute' : 'ten minutes'} failed`;
}

/** Failures among these counts that speak against a route. */
export function againstRoute({ failures }: Counts): number {
  let count = 0;
  for (const [failure, times] of Object.entries(failures)) {
    if (countsAgainstRoute(failure as keyof Counts['failures'])) count += times;
  }
  return count;
}

/** How long a first byte takes, for people: `1.2 s`; null is told as unknown. */
export function firstByteText(delayMs: number | null): string {
  return delayMs === null ? 'an unknown time' : took(delayMs);
}
