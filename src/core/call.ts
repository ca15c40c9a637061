import type { Secret } from './secret.ts';
import type { Transport } from './transport.ts';

/** Header names and values in turn, as they stand on the wire: `[name, value, name, value, …]`. */
export type RawHeaders = string[];

/** How dear a call is when not all can be served, the dearest first: the last are shed first. */
export const priorities = ['critical', 'default', 'sheddable', 'batch'] as const;
export type Priority = (typeof priorities)[number];

/** A request body that is sent as it arrives; it can be sent once. */
export interface StreamBody {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** From `content-length`; null when the caller sends chunked. */
  readonly lengthBytes: number | null;
}

/** Messages and count_tokens are buffered (so they can be sent again); everything else streams. */
export type Body = Uint8Array | StreamBody | null;

/** What an upstream accepts as proof of who is asking. */
export interface Credential {
  /** A short hash of the value: safe to log, stable within a process. Keys breakers and budgets. */
  readonly id: string;
  /** Sent as `x-api-key`. */
  readonly apiKey: Secret | null;
  /** Sent as `authorization: Bearer …`. */
  readonly bearer: Secret | null;
  /** An OAuth access token: its 401 is surfaced at once, because the SDK then refreshes it (R4). */
  readonly oauth: boolean;
}

/**
 * Who is calling, as the door has found out. A door makes no call for a caller who may not use our keys: off
 * loopback nobody gets past it without a gateway token (R13).
 */
export interface Caller {
  /** The caller's own upstream credential; null when none came, or when it was a gateway token. */
  readonly credential: Credential | null;
  /** The name of the gateway token that was shown; null in pass-through mode. */
  readonly token: string | null;
}

/** What an endpoint is, by its path and method. */
export interface Endpoint {
  readonly name: 'messages' | 'count_tokens' | 'batches' | 'files' | 'models' | 'other';
  /** Largest request body accepted, in bytes. */
  readonly bodyBytesMax: number;
  /** True: the door reads the whole body before the call begins. */
  readonly buffered: boolean;
  /** `free`: may be sent again at any time. `unsent`: only while no request byte has left (R4). */
  readonly replay: 'free' | 'unsent';
}

/** What a top-level scan of a JSON request body found, without parsing it. */
export interface RequestFacts {
  readonly model: string;
  readonly stream: boolean;
  /** null where the body has none (count_tokens). */
  readonly maxTokens: number | null;
  /** `thinking` is on. */
  readonly thinks: boolean;
}

/** How long the caller will wait, and in what way (R1, R2). All instants are `Clock.now()` milliseconds. */
export interface Patience {
  /** No attempt and no wait begins after this instant. */
  readonly deadlineAtMs: number;
  /** How long the head of a stream may be held back before a 200 and pings go out. */
  readonly holdMs: number;
  /** Longest silence towards the caller before we send a ping of our own. */
  readonly pingMs: number;
}

/** What a caller asked once. Doors make it, the engine serves it; nothing in it changes. */
export interface Call {
  /** Sent back as `ridethrough-id`. */
  readonly id: string;
  readonly method: string;
  /** Path and query exactly as the caller sent them: `/v1/messages?beta=true`. */
  readonly path: string;
  readonly endpoint: Endpoint;
  /** End-to-end headers in the caller's order, without credentials, `ridethrough-*`, `host` and `content-length`. */
  readonly headers: RawHeaders;
  readonly body: Body;
  /** null where the endpoint's body is not read. */
  readonly facts: RequestFacts | null;
  readonly patience: Patience;
  readonly priority: Priority;
  /** `off`, the targets named by `ridethrough-fallback`, or null for what is configured. */
  readonly fallback: 'off' | readonly string[] | null;
  /** `ridethrough-release`: `delta` opts out of holding what cannot be continued, and of continuing it. */
  readonly release: 'safe' | 'delta';
  /** `ridethrough-thinking`: `stream` releases thinking as it comes; a cut one is closed with a mark (`wire/cut-thinking.ts`). */
  readonly thinking: 'hold' | 'stream';
  /** `ridethrough-key` of a buffered call: equal ones in flight under one key are served by one upstream call. */
  readonly key: string | null;
  /** `ridethrough-on-exhaustion`: what no route could serve is surfaced as an error, or kept in the queue as well. */
  readonly onExhaustion: 'surface' | 'queue';
  readonly caller: Caller;
  /** What was asked in vain, such as unknown `ridethrough-*` request headers: for `ridethrough-warning`. */
  readonly warnings: readonly string[];
  readonly receivedAtMs: number;
  /** How its attempts are sent, where the door brings a way of its own; default the engine's. */
  readonly transport?: Transport;
}

/**
 * Where a call's answer goes; a door implements it. Order: `head` once, `write` any number of
 * times, `end` once; or `destroy` at any point, after which nothing follows.
 */
export interface Reply {
  head(status: number, headers: RawHeaders): void;
  /** Returns false when the reader is behind: the engine then pauses until `Flow.resume`. */
  write(chunk: Uint8Array): boolean;
  end(): void;
  /** The answer cannot be finished honestly: the reader must see a broken connection, not an end. */
  destroy(error: Error): void;
}

/** The door's hand on a running call. */
export interface Flow {
  /** The reader caught up after `write` returned false. */
  resume(): void;
  /** The caller went away: stops attempts, waits and timers. The reply is not touched afterwards. */
  abort(): void;
}
