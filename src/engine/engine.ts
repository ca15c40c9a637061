import type { Call, Flow, Reply } from '../core/call.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import { fanOut, type Observer } from '../core/events.ts';
import { defaultLimits, drainMs, type Limits } from '../core/limits.ts';
import { type Random, systemRandom } from '../core/random.ts';
import { Roster } from '../core/roster.ts';
import type { Transport } from '../core/transport.ts';
import type { CollectMode } from '../policies/answer-form.ts';
import type { Upstream } from '../providers/upstream.ts';
import { CallRun, type RunDeps } from './call-run.ts';
import { ownError, refuse } from './final-error.ts';
import { Flights } from './flights.ts';
import type { Problem } from './intake.ts';
import type { Keeper } from './keeper.ts';
import { type Route, Routes, type RouteView } from './routes.ts';
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

export interface Engine {
  /** Serves a call; returns at once and never throws. */
  handle(call: Call, reply: Reply): Flow;
  /**
   * Shuts down: calls that wait get a retryable error, those under way may end; resolves when the
   * last has ended, at the latest after 30 s, when what is left is ended with a typed error. May be called again.
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
  const runs = new Roster<CallRun>();
  const flights = new Flights(deps.clock, begin);
  let drained: Promise<void> | null = null;
  let onIdle: (() => void) | null = null;

  function begin(call: Call, reply: Reply): CallRun {
    const run = new CallRun(deps, call, routes.for(call), reply, (ended) => {
      runs.delete(ended);
      if (runs.size === 0) onIdle?.();
    });
    runs.add(run);
    if (drained !== null) run.drain();
    run.start();
    return run;
  }

  function unknownTarget(call: Call): Problem | null {
    const unknown =
      call.fallback === null || call.fallback === 'off' ? undefined : call.fallback.find((t) => !routes.knows(t));
    if (unknown === undefined) return null;
    const message = `ridethrough-fallback: \`${unknown}\` is no target that the configuration names.`;
    return { status: 400, type: 'invalid_request_error', message };
  }

  async function drain(): Promise<void> {
    for (const run of runs.all()) run.drain();
    if (runs.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = deps.clock.after(drainMs, () => {
        for (const run of runs.all()) run.cut();
        resolve();
      });
      onIdle = () => {
        deps.clock.cancel(timer);
        resolve();
      };
    });
  }

  return {
    handle(call, reply) {
      const problem = unknownTarget(call);
      if (problem !== null) return refuse(reply, ownError(problem, call.id));
      return call.key === null ? begin(call, reply) : flights.join(call, reply);
    },
    drain: () => (drained ??= drain()),
    outlook(call) {
      const { label, lane } = routes.for(call)[0] as Route;
      return { label, isShut: lane.isShut, inFlightMax: lane.inFlightMax };
    },
    routes: () => routes.view(),
    gauges: {
      get running() {
        return runs.size;
      },
      get waiting() {
        return deps.room.count;
      },
    },
  };
}
