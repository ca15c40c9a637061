import type { Call, Credential } from '../core/call.ts';
import type { Clock } from '../core/clock.ts';
import type { Observer } from '../core/events.ts';
import { type Limits, routesRememberedMax } from '../core/limits.ts';
import { LruMap } from '../core/lru.ts';
import type { Random } from '../core/random.ts';
import { CircuitBreaker } from '../policies/circuit-breaker.ts';
import { ConcurrencyLimit } from '../policies/concurrency.ts';
import type { Addressee, Upstream } from '../providers/upstream.ts';
import { Lane } from './lane.ts';
import { createPurse, type Purse } from './purse.ts';

/** One way to serve a call: upstream × model × credential. */
export interface Route extends Addressee {
  /** The model as the caller's side calls it; null where the endpoint names none. */
  readonly model: string | null;
  readonly lane: Lane;
  /** `upstream/model`, for metrics and events. */
  readonly label: string;
  /** The label as a response header can hold it. */
  readonly headerLabel: string;
}

/** How one route stands, for people. */
export interface RouteView {
  readonly label: string;
  readonly breaker: CircuitBreaker['state'];
  /** Calls that use it now: attempting, backing off or waiting. */
  readonly calls: number;
  /** Milliseconds until the rate limit that closed it has passed; 0 where none did. */
  readonly cooldownMs: number;
  /** Extra attempts that its upstream and credential may still make. */
  readonly budgetTokens: number;
}

export interface RoutesOptions {
  readonly primary: Upstream;
  readonly upstreams: ReadonlyMap<string, Upstream>;
  /** Model → targets, each a model of the primary upstream or `upstream/model`. */
  readonly fallback: ReadonlyMap<string, readonly string[]>;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly random: Random;
  readonly observer: Observer;
}

/** Lists the routes a call may use, in order, and remembers their health. */
export class Routes {
  readonly #options: RoutesOptions;
  readonly #routes = new LruMap<string, Route>(routesRememberedMax);
  readonly #purses = new LruMap<string, Purse>(routesRememberedMax);
  readonly #targets: ReadonlySet<string>;

  constructor(options: RoutesOptions) {
    this.#options = options;
    this.#targets = new Set([...options.fallback.values()].flat());
  }

  /** True for a target that the configuration names: `ridethrough-fallback` may ask for no other. */
  knows(target: string): boolean {
    return this.#targets.has(target);
  }

  /** All that are remembered, those used last at the end. */
  view(): RouteView[] {
    return [...this.#routes.values()].map(({ label, lane }) => ({
      label,
      breaker: lane.breaker,
      calls: lane.callers,
      cooldownMs: lane.cooldownMs,
      budgetTokens: lane.purse.budget.tokens,
    }));
  }

  for(call: Pick<Call, 'caller' | 'facts' | 'fallback'>): Route[] {
    const { primary } = this.#options;
    const model = call.facts?.model ?? null;
    const own = call.caller.credential ?? primary.credential;
    const routes = [this.#route(primary, model, own)];
    if (model === null || call.fallback === 'off') return routes;
    for (const target of call.fallback ?? this.#options.fallback.get(model) ?? []) {
      const route = this.#target(target, own);
      if (route !== null && !routes.some((known) => known.lane === route.lane)) routes.push(route);
    }
    return routes;
  }

  #target(target: string, own: Credential | null): Route | null {
    const slash = target.indexOf('/');
    const upstream = slash > 0 ? this.#options.upstreams.get(target.slice(0, slash)) : undefined;
    if (upstream === undefined) return this.#route(this.#options.primary, target, own);
    // A caller's own credential never goes to another origin (R13).
    const sameOrigin = upstream.origin === this.#options.primary.origin;
    const credential = upstream.credential ?? (sameOrigin ? own : null);
    if (credential === null) return null;
    return this.#route(upstream, target.slice(slash + 1), credential);
  }

  #route(upstream: Upstream, model: string | null, credential: Credential | null): Route {
    const label = model === null ? upstream.name : `${upstream.name}/${model}`;
    const credentialId = credential?.id ?? '';
    return this.#routes.getOrCreate(`${label} ${credentialId}`, () => {
      const lane = this.#createLane(label, `${upstream.name} ${credentialId}`);
      const foreign = this.#isForeign(upstream, credential);
      return { upstream, model, credential, foreign, lane, label, headerLabel: headerText(label) };
    });
  }

  #isForeign({ name, origin, credential }: Upstream, used: Credential | null): boolean {
    const { primary } = this.#options;
    return origin !== primary.origin || (name !== primary.name && credential !== null && credential === used);
  }

  #createLane(label: string, purseKey: string): Lane {
    const { limits, clock, random, observer } = this.#options;
    const purse = this.#purses.getOrCreate(purseKey, () => createPurse(limits.budget));
    const breaker = new CircuitBreaker(limits.breaker, clock, random, (state) =>
      observer.breaker?.({ route: label, state }),
    );
    const limit = new ConcurrencyLimit(clock);
    return new Lane(label, { purse, breaker, limit, clock, turnMs: limits.breaker.open * 1000 });
  }
}

/** A model is named by the caller's body, which may hold what no header can, at any length. */
const headerTextMax = 256;

function headerText(text: string): string {
  return text.slice(0, headerTextMax).replace(/[^\x20-\x7e]/g, '?');
}
