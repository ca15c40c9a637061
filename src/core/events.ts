import type { Priority } from './call.ts';
import type { Failure, FailureClass } from './outcome.ts';

/** Why an attempt was made. */
export type AttemptReason = 'first' | 'retry' | 'replay' | 'fallback' | 'probe' | 'resume';

/** What an exchange was billed for, as far as the upstream has told; null where it has not. */
export interface Tokens {
  /** Read anew: neither from the cache nor into it. */
  readonly input: number | null;
  readonly cacheWrite: number | null;
  readonly cacheRead: number | null;
  readonly output: number | null;
  /** True: the answer was cut before the upstream counted it, and `output` is estimated from its bytes. */
  readonly estimated: boolean;
}

/** What a failure says beyond its class. */
export type AttemptError = Pick<Failure, 'type' | 'code' | 'action' | 'waitMs'>;

/** One upstream exchange, told when it has ended. Holds no prompt, answer or key. */
export interface AttemptEvent {
  readonly callId: string;
  /** 1 for the call's first attempt. */
  readonly index: number;
  readonly reason: AttemptReason;
  /** `upstream/model`. */
  readonly route: string;
  readonly upstream: string;
  /** As the caller's side calls it; null where the endpoint names none. */
  readonly model: string | null;
  /** `Credential.id` of the key that was shown to the upstream; empty where none was. */
  readonly credential: string;
  /** Who called: the name of its gateway token, else the id of its own credential; empty for nobody known. */
  readonly caller: string;
  readonly priority: Priority;
  readonly startedAtMs: number;
  /** From sending to the first response byte; null when none came. */
  readonly firstByteMs: number | null;
  readonly totalMs: number;
  readonly status: number | null;
  readonly requestId: string | null;
  /** The id that the error's body or event names, where that is another one than the header's. */
  readonly bodyRequestId: string | null;
  /** null: it succeeded, or was aborted. */
  readonly failure: FailureClass | null;
  /** null where `failure` is. */
  readonly error: AttemptError | null;
  /** True: it was ended by our side while it ran, because the caller left or the drain's time was up. */
  readonly aborted: boolean;
  /** True when part of its answer had reached the caller before it failed. */
  readonly released: boolean;
  /** Of the request's body, without the head; 0 when no byte may have left, null where its length is not known. */
  readonly bytesSent: number | null;
  /** Of the response's body, as they came. */
  readonly bytesReceived: number;
  /** null: nobody knows, or it was no answer. Read from the answer when asked for: ask while the event is told. */
  tokens(): Tokens | null;
}

/** How one call ended. */
export interface CallEvent {
  readonly callId: string;
  readonly endpoint: string;
  /** null where the endpoint names none. */
  readonly model: string | null;
  readonly stream: boolean;
  readonly priority: Priority;
  /** See `AttemptEvent`. */
  readonly caller: string;
  /** Name and version of the client, from its `user-agent`; null where it has none. */
  readonly client: string | null;
  /** How often the client has tried this call before (`x-stainless-retry-count`); null where it does not say. */
  readonly clientRetries: number | null;
  readonly receivedAtMs: number;
  /** `whole`: the caller has a complete answer. `failed`: a final error. `aborted`: the caller left. */
  readonly result: 'whole' | 'failed' | 'aborted';
  /** Status the caller saw; null when it left before any. */
  readonly status: number | null;
  /** The upstream's `request-id` that the caller saw; null when it saw none. */
  readonly requestId: string | null;
  /** The failure that the caller was told; its class is null where no route could be asked. null unless `failed`. */
  readonly error: {
    readonly class: FailureClass | null;
    readonly type: string;
    readonly code: string | null;
  } | null;
  /** True: it was put into the queue, and its answer is still to come. */
  readonly queued: boolean;
  readonly attempts: number;
  /** What it took, in order of first use: `retry`, `fallback`; empty when the first attempt was whole. */
  readonly recovered: readonly string[];
  readonly route: string;
  readonly totalMs: number;
}

/** A breaker changed its mind. */
export interface BreakerEvent {
  readonly route: string;
  readonly state: 'closed' | 'open' | 'half-open';
}

/** Those who watch the engine: metrics, progress, the ledger. Called synchronously, off the path of bytes; what it throws is dropped. */
export interface Observer {
  attempt?(event: AttemptEvent): void;
  call?(event: CallEvent): void;
  breaker?(event: BreakerEvent): void;
}

/** Tells several observers of everything, in order. What one of them throws is kept from the others. */
export function fanOut(observers: readonly Observer[]): Observer {
  const attempt = all(observers.flatMap((observer) => observer.attempt?.bind(observer) ?? []));
  const call = all(observers.flatMap((observer) => observer.call?.bind(observer) ?? []));
  const breaker = all(observers.flatMap((observer) => observer.breaker?.bind(observer) ?? []));
  return { attempt, call, breaker };
}

function all<E>(listeners: readonly ((event: E) => unknown)[]): (event: E) => void {
  return (event) => {
    for (const listener of listeners) {
      try {
        const told = listener(event);
        if (told instanceof Promise) told.catch(() => {});
      } catch {
        // Nobody here could mend it, and neither the call nor the others have done it.
      }
    }
  };
}
