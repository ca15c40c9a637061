import { systemClock } from '../core/clock.ts';
import { systemRandom } from '../core/random.ts';
import { undiciTransport } from '../engine/transport.ts';
import { Door } from './door.ts';
import { Engines } from './engines.ts';
import { createFetch, type Fetch } from './fetch.ts';
import { createMiddleware, type Middleware } from './middleware.ts';
import type { RidethroughOptions } from './options.ts';
import { settle } from './settings.ts';

/** The library's doors, over one set of sockets, budgets and breakers. */
export interface Ridethrough {
  /**
   * In place of `globalThis.fetch`, for whatever takes a `fetch`. Requests to a path under `/v1/` are
   * ridden through, all others are handed to `globalThis.fetch`. Failures of the upstream come as
   * responses; it rejects only for wrong arguments, with the reason of the signal, and where the
   * request's own body breaks while it is read.
   */
  readonly fetch: Fetch;
  /** For the `middleware` of `@anthropic-ai/sdk` 1.x: the SDK's own `fetch`, or its cloud, stays in use. */
  readonly middleware: Middleware;
  /** Lets running calls end, for 25 seconds at most, and closes the connections. Nothing needs it to exit. */
  close(): Promise<void>;
}

/**
 * Makes software that calls Claude ride through the API's failures, without another process.
 * Keep what it returns: calls that share it share what is known about the upstreams.
 * @throws RidethroughError `invalid_config` for an option that is wrong or unknown
 */
export function ridethrough(options: RidethroughOptions = {}): Ridethrough {
  const [clock, random] = [systemClock, systemRandom];
  const salt = random.id();
  const settings = settle(options, process.env, salt);
  const { limits, proxy } = settings;
  const transport = undiciTransport({ connect: limits.timeouts.connect, proxy });
  const engines = new Engines({ settings, transport, clock, random });
  const door = new Door({ engines, clock, random, limits, salt });
  return {
    // Taken now: whoever puts ours in the place of the global one would otherwise be called in a circle.
    fetch: createFetch(door, globalThis.fetch),
    middleware: createMiddleware(door, transport, clock),
    async close() {
      await engines.drain();
      await transport.close();
    },
  };
}
