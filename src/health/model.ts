import type { AttemptEvent, CallEvent, Observer } from '../core/events.ts';
import { LruMap } from '../core/lru.ts';
import { longMs, shortMs, subjectsMax } from './limits.ts';
import { Network } from './network.ts';
import { Route } from './route.ts';
import type { CallCounts, CallerHealth, CredentialHealth, HealthChange, HealthSnapshot, RouteHealth } from './state.ts';
import { Subject } from './subject.ts';
import { Window } from './window.ts';

/** What is read of the end of a call. */
export type CallEnd = Pick<CallEvent, 'receivedAtMs' | 'totalMs' | 'result'> & {
  readonly error: Pick<NonNullable<CallEvent['error']>, 'class'> | null;
};

/** A subject beside what it is called. */
interface Named<T> {
  readonly name: T;
  readonly subject: Subject;
}

/**
 * How everything stands that calls depend on: each upstream × model, each key, each caller, and the
 * way to the upstreams. It is fed by events and reads no clock: an attempt carries its times, and
 * whoever looks says when. So the ledger's past can be played through it like the present.
 */
export class HealthModel implements Observer {
  readonly #onChange: (change: HealthChange) => void;
  readonly #routes = new LruMap<string, Route>(subjectsMax);
  readonly #credentials = new LruMap<string, Named<Pick<CredentialHealth, 'credential' | 'upstream'>>>(subjectsMax);
  readonly #callers = new LruMap<string, Named<Pick<CallerHealth, 'caller'>>>(subjectsMax);
  readonly #network = new Network();
  readonly #calls = new Window();
  readonly #ownFailures = new Window();

  /** @param onChange is told of every change of a route's state, in order */
  constructor(onChange: (change: HealthChange) => void = () => {}) {
    this.#onChange = onChange;
  }

  /** Takes an attempt. Those that our side broke off say nothing. */
  attempt(event: AttemptEvent): void {
    if (event.aborted) return;
    const atMs = event.startedAtMs + event.totalMs;
    const { route, credential, upstream, caller } = event;
    this.#network.add(event, atMs);
    this.#credentials
      .getOrCreate(`${upstream} ${credential}`, () => ({ name: { credential, upstream }, subject: new Subject() }))
      .subject.add(event, atMs);
    this.#callers.getOrCreate(caller, () => ({ name: { caller }, subject: new Subject() })).subject.add(event, atMs);
    const change = this.#routes.getOrCreate(route, () => new Route(event)).add(event, atMs);
    if (change !== null) this.#onChange(change);
  }

  /** Takes the end of a call. */
  call({ receivedAtMs, totalMs, result, error }: CallEnd): void {
    const atMs = receivedAtMs + totalMs;
    this.#calls.add(atMs, null);
    if (result === 'failed' && error?.class === null) this.#ownFailures.add(atMs, null);
  }

  /** How each route stands, by its name. */
  routes(atMs: number): ReadonlyMap<string, RouteHealth> {
    const all = [...this.#routes.values()].map((route) => route.health(atMs));
    return new Map(all.map((health) => [health.route, health]));
  }

  /** Everything, as of an instant at or after the last event. */
  snapshot(atMs: number): HealthSnapshot {
    const named = <T>({ name, subject }: Named<T>) => ({ ...name, ...subject.health(atMs) });
    return {
      atMs,
      routes: [...this.routes(atMs).values()].sort((a, b) => rank(b) - rank(a)),
      credentials: [...this.#credentials.values()].map(named),
      callers: [...this.#callers.values()].map(named),
      network: this.#network.snapshot(atMs),
      calls: { short: this.#callsOf(atMs, shortMs), long: this.#callsOf(atMs, longMs) },
    };
  }

  #callsOf(atMs: number, spanMs: number): CallCounts {
    const [all, own] = [this.#calls, this.#ownFailures].map((window) => window.counts(atMs, spanMs).attempts);
    return { calls: all ?? 0, turnedAway: own ?? 0 };
  }
}

const states = [null, 'healthy', 'recovering', 'degraded', 'down'] as const;

function rank({ state }: RouteHealth): number {
  return states.indexOf(state);
}
