import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import type { Attempt } from './attempts.ts';
import type { Scenario } from './scenario.ts';

/** All optional: without any, a healthy API on a free port of the loopback. */
export interface SimulatorOptions {
  /** 0, the default: one that is free. */
  readonly port?: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** What it leaves out is healthy. */
  readonly scenario?: Partial<Scenario>;
  /** How the status page below `/api/v2/` behaves: `truthful` (default), `lag:300`, `green`, `red`, `challenge`, `html`, `slow`, `truncated`. */
  readonly status?: string;
  readonly clock?: Clock;
  /** For ids only; what befalls attempts comes from the scenario's seed. */
  readonly random?: Random;
  /** Goes before the scenario: a fault's name, null for a healthy answer, undefined to leave it to the scenario. */
  readonly plan?: (attempt: Attempt) => string | null | undefined;
  /** Keeps request bodies in the log. Default false. */
  readonly record?: boolean;
  /** Told of each attempt when it has ended. */
  readonly onAttempt?: (attempt: Attempt) => void;
}

/** A running simulator. */
export interface Simulator {
  /** `http://host:port`, to be used as a base URL. */
  readonly url: string;
  readonly port: number;
  /** Requests in the order of their arrival; the oldest go when there are more than 10,000. */
  readonly attempts: readonly Attempt[];
  /** Requests so far, those no longer in the log too; with a filter, those in the log that pass it. */
  count(filter?: (attempt: Attempt) => boolean): number;
  /** Begins a scenario: its clock starts now, its faults are counted from none, its rate limits are full. */
  setScenario(scenario: Partial<Scenario>): void;
  /** The next `times` requests (1) below `/v1/` meet this fault, before anything else is asked. */
  next(fault: string, times?: number): void;
  /** The status page behaves like this from now on. @throws RidethroughError `invalid_usage` for an unknown mode */
  setStatus(mode: string): void;
  /** Stops listening and cuts all connections; nothing of it is left afterwards. */
  close(): Promise<void>;
}
