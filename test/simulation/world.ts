import type { Call, RawHeaders, Reply } from '../../src/core/call.ts';
import type { CallEvent } from '../../src/core/events.ts';
import { defaultLimits } from '../../src/core/limits.ts';
import { type Random, seededRandom } from '../../src/core/random.ts';
import type { ExchangeHandler, Transport } from '../../src/core/transport.ts';
import { createEngine, type Engine } from '../../src/engine/engine.ts';
import { makeCall } from '../../src/engine/intake.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';

const upstream = { name: 'default', origin: 'http://upstream', basePath: '', credential: null, models: new Map() };
const caller = { credential: null, token: null };

/** Answers one attempt. @returns what to do when the attempt is aborted */
export type Serve = (stream: boolean, handler: ExchangeHandler) => () => void;

/** How one call of a simulation went. */
export interface Fate {
  readonly arrivedMs: number;
  readonly deadlineAtMs: number;
  endedMs: number | null;
  status: number | null;
  whole: boolean;
}

/** An engine in virtual time before an upstream that is a function. */
export class World {
  readonly clock = new VirtualClock();
  readonly startMs = this.clock.now();
  readonly random: Random;
  readonly engine: Engine;
  readonly fates: Fate[] = [];
  attempts = 0;
  /** Instants of attempts admitted as probes. */
  probes = 0;
  successes = 0;

  constructor(seed: number, serve: Serve) {
    this.random = seededRandom(seed);
    const transport: Transport = (request, handler) => {
      this.attempts++;
      const stream = Buffer.from(request.body as Uint8Array).includes('"stream":true');
      let cancel: (() => void) | null = null;
      let over = false;
      const timer = this.clock.after(1, () => {
        handler.started(false);
        if (!over) cancel = serve(stream, handler);
      });
      return {
        pause() {},
        resume() {},
        abort: () => {
          if (over) return;
          over = true;
          this.clock.cancel(timer);
          cancel?.();
        },
      };
    };
    this.engine = createEngine({
      transport,
      primary: upstream,
      clock: this.clock,
      random: this.random,
      observer: {
        attempt: (event) => {
          if (event.reason === 'probe') this.probes++;
          if (event.failure === null && !event.aborted) this.successes++;
        },
        call: (event) => this.#ended(event),
      },
    });
  }

  readonly #byId = new Map<string, Fate>();

  get nowMs(): number {
    return this.clock.now() - this.startMs;
  }

  /** Sends one call. @param deadlineSeconds its patience; default that of the engine */
  send(stream: boolean, deadlineSeconds?: number): Fate {
    const headers: RawHeaders = deadlineSeconds === undefined ? [] : ['ridethrough-deadline', String(deadlineSeconds)];
    const body = Buffer.from(`{"model":"claude-opus-5-5","max_tokens":100,"stream":${stream},"messages":[]}`);
    const call = makeCall({ method: 'POST', path: '/v1/messages', headers }, body, caller, {
      clock: this.clock,
      random: this.random,
      limits: defaultLimits,
    }) as Call;
    const fate: Fate = {
      arrivedMs: this.nowMs,
      deadlineAtMs: call.patience.deadlineAtMs - this.startMs,
      endedMs: null,
      status: null,
      whole: false,
    };
    this.fates.push(fate);
    this.#byId.set(call.id, fate);
    this.engine.handle(call, silentReply);
    return fate;
  }

  /** Calls at random instants, `perSecond` on average, until `untilMs`. */
  traffic(perSecond: number, untilMs: number): void {
    const next = () => {
      if (this.nowMs >= untilMs) return;
      this.send(this.random.next() < 0.5);
      this.clock.after((-Math.log(1 - this.random.next()) / perSecond) * 1000, next);
    };
    this.clock.after(0, next);
  }

  #ended(event: CallEvent): void {
    const fate = this.#byId.get(event.callId);
    if (fate === undefined) return;
    this.#byId.delete(event.callId);
    fate.endedMs = this.nowMs;
    fate.status = event.status;
    fate.whole = event.result === 'whole';
  }
}

const silentReply: Reply = { head() {}, write: () => true, end() {}, destroy() {} };

const json = ['content-type', 'application/json'];
const sse = ['content-type', 'text/event-stream'];
const overloaded = Buffer.from('{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}');
const message = Buffer.from('{"type":"message","content":[]}');
const opening = Buffer.from(
  'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","content":[]}}\n\n' +
    'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n' +
    'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}\n\n',
);
const closing = Buffer.from(
  'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n' +
    'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1}}\n\n' +
    'event: message_stop\ndata: {"type":"message_stop"}\n\n',
);

export function refuseOverloaded(handler: ExchangeHandler): void {
  handler.head(529, json);
  handler.data(overloaded);
  handler.end();
}

/** The answer begins: a stream shows its first words, an answer in one piece shows nothing yet. */
export function begin(stream: boolean, handler: ExchangeHandler): void {
  if (!stream) return;
  handler.head(200, sse);
  handler.data(opening);
}

export function finish(stream: boolean, handler: ExchangeHandler): void {
  if (!stream) handler.head(200, json);
  handler.data(stream ? closing : message);
  handler.end();
}

/** Log-normal with the given mean: most answers are short, some are long. */
export function logNormalMs(random: Random, meanMs: number, sigma = 0.6): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  return meanMs * Math.exp(sigma * normal - (sigma * sigma) / 2);
}
