import type { Call, RawHeaders } from '../core/call.ts';
import type { Clock } from '../core/clock.ts';
import type { Tokens } from '../core/events.ts';
import type { Failure } from '../core/outcome.ts';
import type { TransportError } from '../core/transport.ts';
import { classifyErrorEvent, classifyResponse } from '../wire/classify.ts';
import { classifyStream } from '../wire/classify-stream.ts';
import { classifyTransport } from '../wire/classify-transport.ts';
import type { Splicer } from '../wire/splice.ts';
import type { StreamFault } from '../wire/stream-fault.ts';
import type { Delivery } from './delivery.ts';
import type { Recovery } from './recovery.ts';

/**
 * Takes one attempt's response body and finds out whether it is the answer. There is one kind for
 * each way an answer can come: followed as a stream, held until whole, or passed on as it is.
 */
export interface Receiver {
  data(chunk: Uint8Array): void;
  /** The upstream ended the body as it should. */
  end(): void;
  /** The connection broke. */
  failed(error: TransportError): void;
  /** Nothing came for too long, or nothing but pings. */
  silent(): void;
  /** What the answer is billed for, as far as it has told; null where it has not. */
  readonly tokens: Tokens | null;
}

/** What a receiver tells the attempt. One of `whole` and `broke` is called, once. */
export interface Verdict {
  /** The first sign that this answer is good: the breaker's verdict. May be called often. */
  good(): void;
  whole(): void;
  broke(failure: Failure): void;
  /** Something the caller should know, for `ridethrough-warning` while the head is held. */
  warn(text: string): void;
  /** The reader is behind; stop reading until it has caught up. */
  pause(): void;
}

/** What receivers work with. */
export interface ReceiverContext {
  readonly call: Call;
  readonly delivery: Delivery;
  readonly verdict: Verdict;
  readonly clock: Clock;
  readonly recovery: Recovery;
  /** True: the upstream was asked for a stream, whatever the caller asked for. */
  readonly streams: boolean;
  /** Writes this answer into the stream that broke; null for an answer from the beginning. */
  readonly splicer: Splicer | null;
  /** Tool arguments that are no JSON were asked for again already: pass them as they came. */
  readonly passBrokenTools: boolean;
}

/** `Failure.code` of an answer that is whole but for the arguments of a tool, which are no JSON. */
export const brokenToolCode = 'tool_json';

/** A response that is no answer, classified. */
export function responseFailure(
  status: number,
  headers: RawHeaders,
  body: Uint8Array,
  { call, clock }: ReceiverContext,
): Failure {
  return classifyResponse({ status, headers, body, endpoint: call.endpoint.name, nowMs: clock.now() });
}

/** What broke a stream, classified. */
export function faultFailure(fault: StreamFault, headers: RawHeaders, { clock }: ReceiverContext): Failure {
  if (fault.body !== null) return classifyErrorEvent(fault.body, headers, clock.now());
  const failure = classifyStream('protocol', headers, fault.message);
  return fault.kind === 'tool-json' ? { ...failure, code: brokenToolCode } : failure;
}

/** The connection broke after the head had come. */
export function brokenConnection(error: TransportError, headers: RawHeaders, { call }: ReceiverContext): Failure {
  const { bodyBytesMax } = call.endpoint;
  return classifyTransport(error, { bodyBytes: null, bodyBytesMax, headers });
}
