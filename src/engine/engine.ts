import type { Call, Flow, Reply } from '../core/call.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import { fanOut, type Observer } from '../core/events.ts';
import { defaultLimits, type Limits } from '../core/limits.ts';
import { type Random, systemRandom } from '../core/random.ts';
import type { Transport } from '../core/transport.ts';
import type { CollectMode } from '../policies/answer-form.ts';
import type { Upstream } from '../providers/upstream.ts';
import { CallRun, type RunDeps } from './call-run.ts';
import { ownError, refuse } from './final-error.ts';
import { Flights } from './flights.ts';
import type { Problem } from './intake.ts';
import type { Keeper } from './keeper.ts';
import { type Route, Routes, type RouteView } from './routes.ts';
import { RunningCalls } from './running-calls.ts';
import { WaitingRoom } from './waiting-room.ts';

export interface EngineOptions {
  readonly transport: Transport;
  /** Where calls go first. */
  readonly primary: Upstream;
  /** Fallback upstreams by name; default none. */
  readonly upstreams?: ReadonlyMap<string, Upstream>;
  /** Model → targets; default none. */
  readonly fallback?: ReadonlyMap<string, readonly string[]>;
  /** Whether answers in one piece are streamed from the upstream and collected; default `auto`. */
  readonly collect?: CollectMode;
  readonly limits?: Limits;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly observer?: Observer;
  /** Keeps calls that no route could serve; default none is kept. */
  readonly keeper?: Keeper;
}

/** Serves calls by whatever it takes: every door hands its calls to one. */
export interface Engine {
  /** Serves a call; returns at once and never throws. */
  handle(call: Call, reply: Reply): Flow;
  /**
   * Shuts down: calls that wait get a retryable error, those under way may end; resolves when the
   * last has ended, at the latest after 25 s, when what is left is ended with a typed error. May be called again.
   */
  drain(): Promise<void>;
  readonly gauges: { readonly running: number; readonly waiting: number };
  /** How its routes stand at this moment, for people; at most a thousand. */
  routes(): readonly RouteView[];
}

/** How a call would find its first route. */
export interface Outlook {
  /** `upstream/model`. */
  readonly label: string;
  /** Its breaker or a rate limit has closed it. */
  readonly isShut: boolean;
  /** Attempts that may be in flight on it; Infinity while it has shown no limit. */
  readonly inFlightMax: number;
}

/** An engine that can be asked before it is given a call: for work that may choose its moment. */
export interface ScoutedEngine extends Engine {
  outlook(call: Pick<Call, 'caller' | 'facts' | 'fallback'>): Outlook;
}

/** The one engine behind every door: routes, policies and the loop of attempts, put together. */
export function createEngine(options: EngineOptions): ScoutedEngine {
  const deps: RunDeps = {
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    transport: options.transport,
    collect: options.collect ?? 'auto',
    limits: options.limits ?? defaultLimits,
    observer: fanOut(options.observer === undefined ? [] : [options.observer]),
    room: new WaitingRoom(),
    keeper: options.keeper ?? null,
  };
  const routes = new Routes({
    ...deps,
    primary: options.primary,
    upstreams: options.upstreams ?? new Map(),
    fallback: options.fallback ?? new Map(),
  });
  const running = new RunningCalls(deps.clock);
  const flights = new Flights(deps.clock, begin);

  function begin(call: Call, reply: Reply): CallRun {
    const run = new CallRun(deps, call, routes.for(call), reply, (ended) => running.ended(ended));
    running.add(run);
    run.start();
    return run;
  }

  return {
    handle(call, reply) {
      const problem = unknownTarget(routes, call);
      if (problem !== null) return refuse(reply, ownError(problem, call));
      return call.key === null ? begin(call, reply) : flights.join(call, reply);
    },
    drain: () => running.drain(),
    outlook(call) {
      const { label, lane } = routes.for(call)[0] as Route;
      return { label, isShut: lane.isShut, inFlightMax: lane.inFlightMax };
    },
    routes: () => routes.view(),
    gauges: {
      get running() {
        return running.count;
      },
      get waiting() {
        return deps.room.count;
      },
    },
  };
}

function unknownTarget(routes: Routes, { fallback }: Call): Problem | null {
  if (fallback === null || fallback === 'off') return null;
  const unknown = fallback.find((target) => !routes.knows(target));
  if (unknown === undefined) return null;
  const message = `ridethrough-fallback: \`${unknown}\` is no target that the configuration names.`;
  return { status: 400, type: 'invalid_request_error', message };
}
