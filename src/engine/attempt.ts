import type { Body, Call, RawHeaders } from '../core/call.ts';
import type { Clock, Timer } from '../core/clock.ts';
import { afterStopMs, callMsMax, type Limits } from '../core/limits.ts';
import type { Failure } from '../core/outcome.ts';
import type { Exchange, ExchangeHandler, Transport, TransportError } from '../core/transport.ts';
import { firstByteMs } from '../policies/clocks.ts';
import { upstreamRequest } from '../providers/upstream.ts';
import { classifyTransport } from '../wire/classify-transport.ts';
import { endToEnd, headerOf } from '../wire/headers.ts';
import type { Splicer } from '../wire/splice.ts';
import { chooseReceiver } from './choose-receiver.ts';
import { decoderFor } from './decode.ts';
import type { Delivery } from './delivery.ts';
import type { Ticket } from './lane.ts';
import { type FollowingReceiver, isFollowing, type Receiver, type Verdict } from './receiver.ts';
import type { Recovery } from './recovery.ts';
import type { Route } from './routes.ts';

/** A probe's stream that has begun and met no error for this long is a good one (R6). */
const probeVerdictMs = 10_000;

/** How one exchange ended. */
export interface Outcome {
  /** null: the caller has a whole answer. */
  readonly failure: Failure | null;
  readonly status: number | null;
  readonly requestId: string | null;
  readonly firstByteMs: number | null;
  /** Request bytes may have left. */
  readonly sent: boolean;
  /** A reset on a connection used before, before any byte: the upstream never saw the request. */
  readonly stale: boolean;
}

export interface AttemptDeps {
  readonly clock: Clock;
  readonly transport: Transport;
  readonly timeouts: Limits['timeouts'];
}

export interface AttemptPlan {
  readonly route: Route;
  readonly ticket: Ticket;
  readonly body: Body;
  /** Use no connection that was used before. */
  readonly fresh: boolean;
  /** The upstream is asked for a stream. */
  readonly streams: boolean;
  readonly recovery: Recovery;
  readonly splicer: Splicer | null;
  /** Broken tool arguments are passed on as they came: they were asked for again already. */
  readonly passBrokenTools: boolean;
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
  readonly #beganMs: number;

  #receiver: Receiver | null = null;
  #decoder: ReturnType<typeof decoderFor> = null;
  #timer: Timer | null = null;
  #settled = false;
  #sent = false;
  #reused = false;
  #paused = false;
  #status: number | null = null;
  #requestId: string | null = null;
  #firstByteMs: number | null = null;
  #lastByteMs: number;
  #lastProgressMs: number;
  #progress = 0;
  #startedMs: number | null = null;

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
    this.#beganMs = deps.clock.now();
    this.#lastByteMs = this.#beganMs;
    this.#lastProgressMs = this.#beganMs;
    const { route } = plan;
    this.#exchange = deps.transport(
      upstreamRequest(call, route.upstream, route.credential, plan.body, plan.fresh),
      this,
    );
    // A transport with an idle connection has already said `started`.
    if (this.#timer === null) this.#watch();
  }

  /** The reader caught up. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    // Silence that we asked for is not the upstream's.
    this.#lastByteMs = this.#lastProgressMs = this.#deps.clock.now();
    this.#exchange.resume();
  }

  /** The caller left: closes the exchange without an outcome. */
  abort(): void {
    if (this.#settled) return;
    this.#close();
    this.#exchange.abort();
  }

  // ExchangeHandler

  started(reused: boolean): void {
    this.#sent = true;
    this.#reused = reused;
    this.#rewatch();
  }

  head(status: number, headers: RawHeaders): void {
    if (this.#settled) return;
    const now = this.#deps.clock.now();
    this.#firstByteMs = now - this.#beganMs;
    this.#lastByteMs = this.#lastProgressMs = now;
    this.#status = status;
    const decoder = this.#call.facts === null ? null : decoderFor(headers);
    const kept = endToEnd(decoder?.headers ?? headers);
    this.#requestId = headerOf(kept, 'request-id');
    this.#receiver = chooseReceiver(status, kept, {
      call: this.#call,
      delivery: this.#delivery,
      verdict: this,
      clock: this.#deps.clock,
      streams: this.#plan.streams,
      recovery: this.#plan.recovery,
      splicer: this.#plan.splicer,
      passBrokenTools: this.#plan.passBrokenTools,
    });
    this.#decoder = decoder;
    decoder?.into(this.#receiver);
    this.#rewatch();
  }

  data(chunk: Uint8Array): void {
    if (this.#settled) return;
    this.#lastByteMs = this.#deps.clock.now();
    (this.#decoder ?? (this.#receiver as Receiver)).data(chunk);
    if (isFollowing(this.#receiver)) this.#followed(this.#receiver);
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
    if (!this.#plan.ticket.judged) this.#plan.ticket.succeeded(this.#deps.clock.now() - this.#beganMs);
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
    if (this.#paused) return;
    this.#paused = true;
    this.#exchange.pause();
  }

  // Clocks

  #followed(receiver: FollowingReceiver): void {
    const now = this.#lastByteMs;
    if (receiver.progress !== this.#progress) {
      this.#progress = receiver.progress;
      this.#lastProgressMs = now;
    }
    if (receiver.started && this.#startedMs === null) {
      this.#startedMs = now;
      if (this.#plan.ticket.admission !== 'pass') this.#rewatch();
    }
    // The answer is whole; an upstream that keeps its body open is not waited for.
    if (receiver.stopped && !this.#settled) this.#setTimer(afterStopMs);
  }

  /** The next instant at which a clock may be due. */
  #dueMs(): number {
    const { timeouts } = this.#deps;
    const streaming = this.#plan.streams;
    if (!this.#sent) return this.#beganMs + timeouts.connect * 1000;
    if (this.#firstByteMs === null) {
      if (!this.#call.endpoint.buffered) return this.#beganMs + callMsMax;
      if (!streaming) return Math.max(this.#call.patience.deadlineAtMs, this.#beganMs + 1);
      return this.#beganMs + firstByteMs((this.#plan.body as Uint8Array).length, timeouts);
    }
    if (this.#paused) return this.#deps.clock.now() + timeouts.idle * 1000;
    const idle = this.#lastByteMs + timeouts.idle * 1000;
    return streaming ? Math.min(idle, this.#lastProgressMs + timeouts.progress * 1000) : idle;
  }

  #watch(): void {
    let delayMs = Math.min(this.#dueMs(), this.#call.receivedAtMs + callMsMax) - this.#deps.clock.now();
    if (this.#startedMs !== null && !this.#plan.ticket.judged) {
      delayMs = Math.min(delayMs, this.#startedMs + probeVerdictMs - this.#deps.clock.now());
    }
    this.#setTimer(delayMs);
  }

  #rewatch(): void {
    if (!this.#settled) this.#watch();
  }

  #setTimer(delayMs: number): void {
    if (this.#timer !== null) this.#deps.clock.cancel(this.#timer);
    this.#timer = this.#deps.clock.after(delayMs, () => {
      this.#timer = null;
      this.#look();
    });
  }

  #look(): void {
    const now = this.#deps.clock.now();
    const receiver = this.#receiver;
    if (isFollowing(receiver) && receiver.stopped) return receiver.end();
    if (this.#startedMs !== null && now >= this.#startedMs + probeVerdictMs) this.good();
    const spent = now >= this.#call.receivedAtMs + callMsMax;
    // While the reader is behind, silence is its own; only the bound of the whole call holds.
    if (!spent && (this.#paused || now < this.#dueMs())) return this.#watch();
    this.#exchange.abort();
    if (receiver === null) return this.#finish(this.#unanswered(this.#timeoutError()), false);
    receiver.silent();
  }

  /** The exchange broke before there was a head. */
  #unanswered(error: TransportError): Failure {
    const { body } = this.#plan;
    const bodyBytes = body instanceof Uint8Array ? body.length : (body?.lengthBytes ?? null);
    return classifyTransport(error, { bodyBytes, bodyBytesMax: this.#call.endpoint.bodyBytesMax, headers: null });
  }

  #timeoutError(): TransportError {
    const { timeouts } = this.#deps;
    return this.#sent
      ? { code: 'first_byte_timeout', message: 'the upstream took the request and sent no answer in time' }
      : { code: 'connect_timeout', message: `no connection within ${timeouts.connect} s` };
  }

  #finish(failure: Failure | null, stale: boolean): void {
    if (this.#settled) return;
    this.#close();
    if (failure === null) this.good();
    this.#settle({
      failure,
      status: this.#status,
      requestId: failure?.requestId ?? this.#requestId,
      firstByteMs: this.#firstByteMs,
      sent: this.#sent,
      stale,
    });
  }

  #close(): void {
    this.#settled = true;
    if (this.#timer !== null) this.#deps.clock.cancel(this.#timer);
    this.#timer = null;
  }
}

/** The ways in which a connection that the other side had closed shows itself. */
function isReset(error: TransportError): boolean {
  return error.code === 'ECONNRESET' || error.code === 'EPIPE' || error.code === 'UND_ERR_SOCKET';
}
