import type { RawHeaders } from '../core/call.ts';
import type { Random } from '../core/random.ts';
import type { Answer, ApiRequest } from './api/answering.ts';

/** Waits that faults bring about. Defaults are true to life; `Scenario.waitScale` shortens them all. */
export interface Waits {
  /** Seconds named by `retry-after`. Default 58, as seen in public logs. */
  readonly retryAfterSeconds: number;
  /** Milliseconds a silence lasts until the simulator resets the connection. Default 30 minutes. */
  readonly stallMs: number;
  /** Milliseconds between the pings of a stream that makes no progress. Default 30 s. */
  readonly pingMs: number;
  /** Milliseconds between the pieces of a body that trickles. Default 2 s. */
  readonly trickleMs: number;
}

export const defaultWaits: Waits = { retryAfterSeconds: 58, stallMs: 1_800_000, pingMs: 30_000, trickleMs: 2_000 };

/** Where a fault strikes: before anything a reader would see, or after. */
export type FaultPhase = 'pre-content' | 'mid-stream';

/** One way for an attempt to go wrong. To add one: a file in `kinds/`, a line in `registry.ts`. */
export interface Fault {
  /** Kebab case; what scenarios and people call it. */
  readonly name: string;
  /** One sentence: what the client sees. */
  readonly summary: string;
  readonly phase: FaultPhase;
  /** True: needs nothing but the head of the request. Asked for by `Simulator.next`, it strikes before the body is read. */
  readonly beforeBody?: boolean;
  /**
   * Answers the attempt, wrongly. Must end with the exchange ended, reset or closed.
   * @param random this attempt's own generator: the same for the same seed and attempt number
   */
  play(exchange: Exchange, random: Random): void | Promise<void>;
}

/** One request at the simulator and all that can be done to it. Calls after its end do nothing. */
export interface Exchange {
  readonly request: ApiRequest;
  /** The `request-id` of this attempt's answer. */
  readonly requestId: string;
  /** After `waitScale`. */
  readonly waits: Waits;
  /** A duration of a recorded case, in milliseconds, after `waitScale`. */
  scaled(durationMs: number): number;
  /** What the healthy API answers. Asking takes effect: a batch is created, a rate limit spent. */
  answer(): Answer | Promise<Answer>;
  /** The headers that the API and its edge put on every answer. */
  apiHeaders(contentType: string): RawHeaders;
  /** Sends an answer with its length, in one go. */
  send(status: number, headers: RawHeaders, body: string | Uint8Array): void;
  /** Sends a head at once, before any body byte. */
  head(status: number, headers: RawHeaders): void;
  /** Resolves when the bytes were handed to the system, or the client is gone. */
  write(data: string | Uint8Array): Promise<void>;
  /** Ends the body as HTTP wants it ended, however incomplete it is. */
  end(data?: string | Uint8Array): void;
  /** Breaks the connection with a TCP reset. */
  reset(): void;
  /** Closes the connection without ending the body. */
  close(): void;
  /** The next request on this connection will be met by a reset. */
  resetNext(): void;
  /** Milliseconds. Resolves to false when the client went away meanwhile. */
  wait(delayMs: number): Promise<boolean>;
  /** Sends frames with the pace of the scenario's latency. Resolves to false when the client went away. */
  pace(frames: ReadonlyArray<string | Uint8Array>): Promise<boolean>;
}
