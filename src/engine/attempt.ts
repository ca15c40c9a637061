import type { Call, RawHeaders } from '../core/call.ts';
import type { Clock } from '../core/clock.ts';
import type { Tokens } from '../core/events.ts';
import { afterStopMs, type Limits } from '../core/limits.ts';
import type { Failure } from '../core/outcome.ts';
import type { Exchange, ExchangeHandler, Transport, TransportError } from '../core/transport.ts';
import { upstreamRequest } from '../providers/upstream.ts';
import { classifyStream } from '../wire/classify-stream.ts';
import { classifyTransport, isReset } from '../wire/classify-transport.ts';
import { endToEnd, headerOf } from '../wire/headers.ts';
import { Alarm } from './alarm.ts';
import { AttemptClocks } from './attempt-clocks.ts';
import { chooseReceiver } from './choose-receiver.ts';
import type { Sending } from './course.ts';
import { decoderFor } from './decode.ts';
import type { Delivery } from './delivery.ts';
import { FirstBytesReceiver } from './first-bytes-receiver.ts';
import { FollowingReceiver } from './following-receiver.ts';
import { GuardedHandler, guarded } from './guarded.ts';
import type { Receiver, Verdict } from './receiver.ts';
import type { Recovery } from './recovery.ts';
import type { Route } from './routes.ts';
import type { Ticket } from './ticket.ts';

/** How one exchange ended. */
export interface Outcome {
  /** null: the caller has a whole answer. */
  readonly failure: Failure | null;
  readonly status: number | null;
  readonly requestId: string | null;
  readonly firstByteMs: number | null;
  /** Of the response's body. */
  readonly bytesReceived: number;
  /** See `AttemptEvent.tokens`. */
  readonly tokens: () => Tokens | null;
  /** Request bytes may have left. */
  readonly sent: boolean;
  /** A reset on a connection used before, before any byte: the upstream never saw the request. */
  readonly stale: boolean;
}

/** What the loop has to go on from. */
export type Failed = Outcome & { readonly failure: Failure };

export function hasFailed(outcome: Outcome): outcome is Failed {
  return outcome.failure !== null;
}

export interface AttemptDeps {
  readonly clock: Clock;
  readonly transport: Transport;
  readonly timeouts: Limits['timeouts'];
}

export interface AttemptPlan {
  readonly route: Route;
  readonly ticket: Ticket;
  readonly sending: Sending;
  /** Use no connection that was used before. */
  readonly fresh: boolean;
  readonly recovery: Recovery;
  /** Broken tool arguments are passed on as they came: they were asked for again already. */
  readonly passBrokenTools: boolean;
  /** Where to put what `Verdict.warn` is told. */
  readonly warnings: string[];
}

/**
 * One exchange with one upstream: sends, keeps the clocks (R3), hands the bytes to a receiver, and
 * tells the outcome once. One timer serves all clocks: it looks, when it fires, which of them is due.
 */
export class Attempt implements ExchangeHandler, Verdict {
  readonly #deps: AttemptDeps;
  readonly #call: Call;
  readonly #plan: AttemptPlan;
  readonly #delivery: Delivery;
  readonly #settle: (outcome: Outcome) => void;
  readonly #exchange: Exchange;
  readonly #clocks: AttemptClocks;

  #receiver: Receiver | null = null;
  #decoder: ReturnType<typeof decoderFor> = null;
  #settled = false;
  #reused = false;
  #status: number | null = null;
  #requestId: string | null = null;
  #bytesReceived = 0;
  #progress = 0;
  #stopping = false;

  /** A bug of ours, met while this answer was read: it must not cost any other call. */
  readonly #crashed = (error: unknown): void => {
    // Its name only: messages of JSON errors quote what they could not read.
    this.broke(classifyStream('internal', [], error instanceof Error ? error.name : null));
  };
  readonly #alarm: Alarm;

  /** @param settle told the outcome, exactly once, unless `abort` comes first */
  constructor(
    deps: AttemptDeps,
    call: Call,
    plan: AttemptPlan,
    delivery: Delivery,
    settle: (outcome: Outcome) => void,
  ) {
    this.#deps = deps;
    this.#call = call;
    this.#plan = plan;
    this.#delivery = delivery;
    this.#settle = settle;
    this.#alarm = new Alarm(
      deps.clock,
      guarded(() => this.#look(), this.#crashed),
    );
    const { route, fresh, sending } = plan;
    this.#clocks = new AttemptClocks(deps.clock, deps.timeouts, call, sending.body, sending.streams);
    this.#exchange = deps.transport(
      upstreamRequest(call, sending.headers, route, this.#clocks.watched(sending.body), fresh),
      new GuardedHandler(this, this.#crashed),
    );
    this.#watch();
  }

  /** The reader caught up. */
  resume(): void {
    if (!this.#clocks.paused) return;
    this.#clocks.resumed();
    this.#decoder?.resume();
    this.#exchange.resume();
  }

  /** The caller left: closes the exchange without settling it. @returns how far it had come; null when it was over */
  abort(): Outcome | null {
    if (this.#settled) return null;
    this.#close();
    this.#exchange.abort();
    return this.#outcome(null, false);
  }

  // ExchangeHandler

  started(reused: boolean): void {
    this.#clocks.sent = true;
    this.#reused = reused;
    this.#watch();
  }

  head(status: number, headers: RawHeaders): void {
    if (this.#settled) return;
    this.#clocks.head();
    this.#status = status;
    const { recovery, passBrokenTools, sending } = this.#plan;
    // Errors are read wherever they come from; the rest of what only passes stays as it is.
    const decoder = this.#call.endpoint.buffered || status >= 400 ? decoderFor(headers) : null;
    const kept = endToEnd(decoder?.headers ?? headers);
    this.#requestId = headerOf(kept, 'request-id');
    this.#receiver = chooseReceiver(status, kept, {
      call: this.#call,
      delivery: this.#delivery,
      verdict: this,
      clock: this.#deps.clock,
      streams: sending.streams,
      recovery,
      splicer: sending.splicer,
      passBrokenTools,
    });
    this.#decoder = decoder;
    const receiver = this.#receiver;
    decoder?.into(
      { data: (chunk) => this.#taken(chunk), end: () => receiver.end(), failed: (error) => receiver.failed(error) },
      this.#crashed,
    );
    this.#watch();
  }

  data(chunk: Uint8Array): void {
    if (this.#settled) return;
    this.#bytesReceived += chunk.length;
    this.#clocks.byte();
    if (this.#decoder === null) this.#taken(chunk);
    else this.#decoder.data(chunk);
  }

  end(): void {
    if (!this.#settled) (this.#decoder ?? (this.#receiver as Receiver)).end();
  }

  failed(error: TransportError): void {
    if (this.#settled) return;
    if (this.#receiver !== null) return this.#receiver.failed(error);
    this.#finish(this.#unanswered(error), this.#reused && isReset(error));
  }

  // Verdict

  good(): void {
    if (!this.#plan.ticket.judged) this.#plan.ticket.succeeded(this.#deps.clock.now() - this.#clocks.beganMs);
  }

  warn(text: string): void {
    this.#plan.warnings.push(text);
  }

  whole(): void {
    this.#finish(null, false);
    // The answer may be whole before the upstream has ended it.
    this.#exchange.abort();
  }

  broke(failure: Failure): void {
    this.#finish(failure, false);
    this.#exchange.abort();
  }

  pause(): void {
    if (this.#clocks.paused) return;
    this.#clocks.paused = true;
    this.#decoder?.pause();
    this.#exchange.pause();
  }

  /** @param chunk of the body, decoded */
  #taken(chunk: Uint8Array): void {
    this.#receiver?.data(chunk);
    if (this.#receiver instanceof FirstBytesReceiver) this.#receiver = this.#receiver.taker ?? this.#receiver;
    if (this.#receiver instanceof FollowingReceiver) this.#followed(this.#receiver);
  }

  #followed(receiver: FollowingReceiver): void {
    if (receiver.progress !== this.#progress) {
      this.#progress = receiver.progress;
      this.#clocks.progress();
    }
    if (receiver.started && this.#clocks.started() && this.#plan.ticket.admission !== 'pass') this.#watch();
    // The answer is whole; an upstream that keeps its body open is not waited for.
    if (receiver.stopped && !this.#settled && !this.#stopping) {
      this.#stopping = true;
      this.#alarm.at(this.#deps.clock.now() + afterStopMs);
    }
  }

  #watch(): void {
    if (!this.#settled) this.#alarm.by(this.#clocks.nextLookAtMs(this.#plan.ticket.judged));
  }

  #look(): void {
    const receiver = this.#receiver;
    if (receiver instanceof FollowingReceiver && receiver.stopped) return receiver.end();
    if (this.#clocks.isProven) this.good();
    if (!this.#clocks.isOverdue) return this.#watch();
    this.#exchange.abort();
    if (receiver === null) return this.#finish(this.#unanswered(this.#timeoutError()), false);
    receiver.silent();
  }

  /** The exchange broke before there was a head. */
  #unanswered(error: TransportError): Failure {
    const { body } = this.#plan.sending;
    const bodyBytes = body instanceof Uint8Array ? body.length : (body?.lengthBytes ?? null);
    return classifyTransport(error, { bodyBytes, bodyBytesMax: this.#call.endpoint.bodyBytesMax, headers: null });
  }

  #timeoutError(): TransportError {
    const seconds = Math.round((this.#deps.clock.now() - this.#clocks.beganMs) / 100) / 10;
    return this.#clocks.sent
      ? { code: 'first_byte_timeout', message: 'the upstream took the request and sent no answer in time' }
      : { code: 'connect_timeout', message: `no connection within ${seconds} s` };
  }

  #finish(failure: Failure | null, stale: boolean): void {
    if (this.#settled) return;
    this.#close();
    if (failure === null) this.good();
    this.#settle(this.#outcome(failure, stale));
  }

  #outcome(failure: Failure | null, stale: boolean): Outcome {
    const { firstByteMs, sent } = this.#clocks;
    return {
      failure,
      status: this.#status,
      requestId: failure?.requestId ?? this.#requestId,
      firstByteMs,
      bytesReceived: this.#bytesReceived,
      tokens: () => this.#receiver?.tokens ?? null,
      sent,
      stale,
    };
  }

  #close(): void {
    this.#settled = true;
    this.#decoder?.close();
    this.#alarm.cancel();
  }
}
