import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type Clock, systemClock } from '../core/clock.ts';
import { RidethroughError } from '../core/errors.ts';
import { type Random, seededRandom, systemRandom } from '../core/random.ts';
import type { ApiRequest } from './api/answering.ts';
import { bodyLimit, ClaudeApi } from './api/claude-api.ts';
import { type Attempt, AttemptLog } from './attempts.ts';
import { corpusFault } from './corpus.ts';
import { HttpExchange } from './exchange.ts';
import type { Fault } from './fault.ts';
import { strangerIn } from './load-scenario.ts';
import { readBody, toApiRequest } from './read-request.ts';
import { findFault } from './registry.ts';
import { calm, decide, type Scenario, waitsOf } from './scenario.ts';
import type { Simulator, SimulatorOptions } from './simulator.ts';
import { parseStatusMode, type StatusMode } from './status-page/mode.ts';
import { serveStatus, statusPath } from './status-page/serve.ts';
import { spellsOf } from './status-page/spells.ts';

/** Far above what any client keeps: the simulator closes idle connections only when a fault says so. */
const keepAliveMs = 3_600_000;
/** Spreads the numbers of attempts over the seeds of their generators (2³² divided by the golden ratio). */
const seedStep = 0x9e3779b1;

/**
 * Starts a Claude API on a port of this machine, with the faults that a scenario brings.
 * @throws RidethroughError `invalid_usage` for a scenario that names an unknown fault, `port_in_use`
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const server = new SimulatorServer(options);
  await server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
  return server;
}

/** The simulator over `node:http`. */
class SimulatorServer implements Simulator {
  readonly #server: Server;
  readonly #options: SimulatorOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #api: ClaudeApi;
  readonly #log = new AttemptLog();
  readonly #scripted: Fault[] = [];
  /** Connections whose next request is met by a reset. */
  readonly #stale = new WeakSet<Socket>();
  #scenario: Scenario = calm;
  #scenarioAtMs: number;
  #status: StatusMode;
  #decided = 0;
  #faulted = 0;

  constructor(options: SimulatorOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
    this.#api = new ClaudeApi(this.#clock, this.#random, calm.rateLimits);
    this.#scenarioAtMs = this.#clock.now();
    this.#status = parseStatusMode(options.status ?? 'truthful');
    this.setScenario(options.scenario ?? {});
    this.#server = createServer({ keepAliveTimeout: keepAliveMs, requestTimeout: 0 }, (request, response) => {
      void this.#serve(request, response);
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    const { address, family, port } = this.#server.address() as AddressInfo;
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  }

  get attempts(): readonly Attempt[] {
    return this.#log.attempts;
  }

  count(filter?: (attempt: Attempt) => boolean): number {
    return filter === undefined ? this.#log.count : this.#log.attempts.filter(filter).length;
  }

  setScenario(scenario: Partial<Scenario>): void {
    const next = { ...calm, ...scenario };
    const stranger = strangerIn(next);
    if (stranger !== null) {
      throw new RidethroughError('invalid_usage', `There is no fault named ${stranger}; docs/simulator.md lists them.`);
    }
    this.#scenario = next;
    this.#scenarioAtMs = this.#clock.now();
    this.#decided = 0;
    this.#faulted = 0;
    this.#api.limit(next.rateLimits);
    this.#api.pace(next.batches);
    this.#api.follow(next);
  }

  setStatus(mode: string): void {
    this.#status = parseStatusMode(mode);
  }

  next(fault: string, times = 1): void {
    const found = this.#find(fault);
    for (let i = 0; i < times; i++) this.#scripted.push(found);
  }

  listen(port: number, host: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => {
        const taken = `Port ${port} on ${host} is in use; choose another, or 0 for one that is free.`;
        reject(error.code === 'EADDRINUSE' ? new RidethroughError('port_in_use', taken, { cause: error }) : error);
      });
      this.#server.listen(port, host, resolve);
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // The page stands on an address of its own in life: asking it is no attempt.
    if (request.url?.startsWith(statusPath)) return this.#serveStatus(request, response);
    const attempt = this.#log.open(request, `req_011C${this.#random.id()}`, this.#clock.now());
    response.on('close', () => {
      this.#api.ended(attempt.requestId);
      this.#log.close(attempt, response.writableFinished, this.#clock.now());
      this.#options.onAttempt?.(attempt);
    });
    if (this.#stale.has(request.socket)) {
      Object.assign(attempt, { fault: 'stale-keep-alive', end: 'broken' });
      return void request.socket.resetAndDestroy();
    }
    const faulty = attempt.path.startsWith('/v1/');
    const scripted = faulty ? this.#scripted.shift() : undefined;
    const nothing = new Uint8Array();
    if (scripted?.beforeBody === true) {
      return this.#answer(attempt, toApiRequest(request, nothing), response, scripted, this.#attemptRandom());
    }
    const body = await readBody(request, bodyLimit(attempt.path));
    if (body === 'aborted') return;
    const apiRequest = toApiRequest(request, body === 'too-long' ? nothing : body);
    this.#log.know(attempt, apiRequest, this.#options.record === true);
    const random = this.#attemptRandom();
    const fault = scripted ?? (faulty ? this.#choose(attempt, random) : null);
    return this.#answer(attempt, apiRequest, response, fault, random, body === 'too-long');
  }

  #serveStatus(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const spells = spellsOf(this.#scenario);
    const facts = { spells, beganAtMs: this.#scenarioAtMs, nowMs: this.#clock.now() };
    return serveStatus(request, response, this.#status, facts, this.#clock);
  }

  /** The plan goes before the scenario. */
  #choose(attempt: Attempt, random: Random): Fault | null {
    const planned = this.#options.plan?.(attempt);
    const facts = { model: attempt.model, path: attempt.path, faulted: this.#faulted };
    const elapsedMs = this.#clock.now() - this.#scenarioAtMs;
    const name = planned === undefined ? decide(this.#scenario, facts, random, elapsedMs) : planned;
    if (name === null) return null;
    this.#faulted++;
    return this.#find(name);
  }

  async #answer(
    attempt: Attempt,
    request: ApiRequest,
    response: ServerResponse,
    fault: Fault | null,
    random: Random,
    tooLong = false,
  ): Promise<void> {
    attempt.fault = fault?.name ?? null;
    const exchange = new HttpExchange(request, response, {
      clock: this.#clock,
      random,
      latency: this.#scenario.latency,
      waits: waitsOf(this.#scenario),
      waitScale: this.#scenario.waitScale,
      requestId: attempt.requestId,
      answer: () => this.#api.answer(request, attempt.requestId, tooLong),
      onHead: (status) => {
        attempt.status = status;
      },
      onBroken: () => {
        attempt.end = 'broken';
      },
      resetNext: (socket) => this.#stale.add(socket),
    });
    try {
      await (fault === null ? exchange.sendHealthy() : fault.play(exchange, random));
    } catch (error) {
      // A fault that throws must not hang its client; `uncaughtException` is where it gets noticed.
      exchange.reset();
      throw error;
    }
  }

  /** The next attempt's generator: equal for equal seeds and numbers of the attempt, whatever else goes on. */
  #attemptRandom(): Random {
    return seededRandom(this.#scenario.seed + Math.imul(++this.#decided, seedStep));
  }

  #find(name: string): Fault {
    const own = this.#scenario.cases.find((recorded) => recorded.id === name);
    const found = own === undefined ? findFault(name) : corpusFault(own);
    if (found !== undefined) return found;
    throw new RidethroughError('invalid_usage', `There is no fault named ${name}; docs/simulator.md lists them.`);
  }
}
