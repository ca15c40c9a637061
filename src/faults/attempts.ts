import type { IncomingMessage } from 'node:http';
import type { RawHeaders } from '../core/call.ts';
import type { ApiRequest } from './api/answering.ts';

/** How an exchange ended. `left`: the client went away first. `broken`: the simulator broke the connection. */
export type AttemptEnd = 'open' | 'sent' | 'broken' | 'left';

/** One request that reached the simulator. What is not known yet is null until it is. */
export interface Attempt {
  /** 1 for the first. */
  readonly index: number;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** As they stood on the wire, credentials too: never print them. */
  readonly headers: RawHeaders;
  /** `Clock.now()` when the head of the request had come. */
  readonly startedAtMs: number;
  /** The `request-id` of its answer; a corpus case brings its recorded one instead. */
  readonly requestId: string;
  /** The port of the client's end of the connection: equal for requests on one connection. */
  readonly clientPort: number;
  model: string | null;
  stream: boolean;
  bodyBytes: number;
  bodySha256: string | null;
  /** Kept only with `record: true`. */
  body: Uint8Array | null;
  /** The fault's name; null for a healthy answer. */
  fault: string | null;
  /** The status that was sent; null when none was. */
  status: number | null;
  end: AttemptEnd;
  endedAtMs: number | null;
}

/** The log holds at least this many of the newest, and at most twice as many. */
const keptMax = 10_000;

/** What came to the simulator, in order. */
export class AttemptLog {
  readonly attempts: Attempt[] = [];
  /** Those no longer kept, too. */
  count = 0;

  open(request: IncomingMessage, requestId: string, nowMs: number): Attempt {
    const attempt: Attempt = {
      index: ++this.count,
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.rawHeaders,
      startedAtMs: nowMs,
      requestId,
      clientPort: request.socket.remotePort ?? 0,
      model: null,
      stream: false,
      bodyBytes: 0,
      bodySha256: null,
      body: null,
      fault: null,
      status: null,
      end: 'open',
      endedAtMs: null,
    };
    this.attempts.push(attempt);
    if (this.attempts.length >= 2 * keptMax) this.attempts.splice(0, keptMax);
    return attempt;
  }

  /** Notes what the body said. */
  know(attempt: Attempt, request: ApiRequest, record: boolean): void {
    attempt.model = request.model;
    attempt.stream = request.stream;
    attempt.bodyBytes = request.body.length;
    attempt.bodySha256 = request.bodySha256;
    attempt.body = record ? request.body : null;
  }

  close(attempt: Attempt, sent: boolean, nowMs: number): void {
    if (attempt.end === 'open') attempt.end = sent ? 'sent' : 'left';
    attempt.endedAtMs = nowMs;
  }
}
