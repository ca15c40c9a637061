import type { Config } from '../config/config.ts';
import { type Clock, systemClock, wait } from '../core/clock.ts';
import type { OwnEndpoint } from '../core/endpoint.ts';
import { fanOut, type Observer } from '../core/events.ts';
import type { Figure } from '../core/figure.ts';
import { bufferedBytesMax, defaultPort, flushMs } from '../core/limits.ts';
import { isLoopback } from '../core/loopback.ts';
import { type Random, systemRandom } from '../core/random.ts';
import type { Engine } from '../engine/engine.ts';
import { BodyRoom } from './body-room.ts';
import { Door } from './door.ts';
import { createHttpServer, listen } from './http-server.ts';
import { type Gauges, Metrics } from './metrics.ts';
import { metricsEndpoint, OwnEndpoints } from './own-endpoints.ts';
import { serveRequest } from './serve-request.ts';
import { checkTokens, checkUpstreams, resolveHost } from './start-checks.ts';
import { UploadWatch } from './upload-watch.ts';

export interface GatewayOptions {
  /** Address or name to listen on; default 127.0.0.1. Anything off loopback needs a token. */
  readonly host?: string;
  /** Default 4141; 0 takes a free one. */
  readonly port?: number;
  readonly config: Config;
  /** Makes the engine for a configuration, at the start and at each reload. */
  readonly createEngine: (config: Config, observer: Observer) => Engine;
  /** Secret; ids of callers' credentials are made with it. Default one of this process. */
  readonly salt?: string;
  /** Watch the engine beside the metrics; default none. */
  readonly observers?: readonly Observer[];
  /** What else stands under `/ridethrough/`; default the metrics alone. */
  readonly endpoints?: readonly OwnEndpoint[];
  /** What else stands in the metrics; default nothing. */
  readonly figures?: readonly Figure[];
  /** Bytes of request bodies that are held at once; default 512 MiB. What comes beyond is answered 529. */
  readonly bufferedBytesMax?: number;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** A gateway that accepts requests. */
export interface Gateway {
  /** `http://127.0.0.1:4141` */
  readonly url: string;
  readonly port: number;
  /**
   * Puts another configuration in force for the requests to come; running calls keep theirs.
   * Breakers and budgets begin anew.
   * @throws RidethroughError when it is refused; then the old one stays in force
   */
  reload(config: Config): Promise<void>;
  /** Stops accepting, lets running calls end within the engine's drain time, and closes. May be called twice. */
  close(): Promise<void>;
}

/**
 * Opens the HTTP door.
 * @throws RidethroughError `port_in_use`, `unsafe_bind`, `invalid_config` (an upstream is this
 *   gateway), or `invalid_usage` (the host is no address of this machine)
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { config, createEngine, clock = systemClock, random = systemRandom } = options;
  const address = await resolveHost(options.host ?? '127.0.0.1');
  const loopback = isLoopback(address);
  const salt = options.salt ?? random.id();
  checkTokens(config, address);

  const engines = new Set<Engine>();
  const metrics = new Metrics(() => sumGauges(engines));
  for (const figure of options.figures ?? []) metrics.add(figure);
  const observer = fanOut([metrics, ...(options.observers ?? [])]);
  const endpoints = new OwnEndpoints([metricsEndpoint(metrics), ...(options.endpoints ?? [])]);
  const openDoor = (given: Config) => {
    const door = new Door(given, createEngine(given, observer), loopback, salt);
    // An engine of an earlier configuration is kept only while it serves calls.
    for (const engine of engines) if (engine.gauges.running + engine.gauges.waiting === 0) engines.delete(engine);
    engines.add(door.engine);
    return door;
  };
  const watch = new UploadWatch(clock);
  const room = new BodyRoom(options.bufferedBytesMax ?? bufferedBytesMax);
  const state = { door: openDoor(config), draining: false, clock, random, watch, room, endpoints };
  const { server, settled } = createHttpServer(random, (request, response, expects) =>
    serveRequest(state, request, response, expects),
  );

  const port = options.port ?? defaultPort;
  // Checked before anybody can call; a port of the system's choice is known only once it is bound.
  if (port !== 0) await checkUpstreams(config, { address, port });
  const bound = await listen(server, address, port);
  try {
    if (port === 0) await checkUpstreams(config, bound);
  } catch (error) {
    server.close();
    server.closeAllConnections();
    throw error;
  }

  const close = async () => {
    state.draining = true;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    await Promise.all([...engines].map((engine) => engine.drain()));
    const flushed = new AbortController();
    await Promise.race([settled().then(() => flushed.abort()), wait(clock, flushMs, flushed.signal)]);
    server.closeAllConnections();
    watch.close();
    await closed;
  };
  let closing: Promise<void> | null = null;
  return {
    url: `http://${bound.address.includes(':') ? `[${bound.address}]` : bound.address}:${bound.port}`,
    port: bound.port,
    async reload(next) {
      checkTokens(next, address);
      await checkUpstreams(next, bound);
      state.door = openDoor(next);
    },
    close: () => (closing ??= close()),
  };
}

function sumGauges(engines: ReadonlySet<Engine>): Gauges {
  let [running, waiting] = [0, 0];
  for (const { gauges } of engines) {
    running += gauges.running;
    waiting += gauges.waiting;
  }
  return { running, waiting };
}
