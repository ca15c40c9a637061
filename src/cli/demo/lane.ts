import { isDeepStrictEqual } from 'node:util';
import type { Anthropic } from '@anthropic-ai/sdk';
import type { Message } from '@anthropic-ai/sdk/resources/messages';
import type { Clock } from '../../core/clock.ts';
import { wait } from '../../core/clock.ts';
import { expectedAnswer } from '../../faults/index.ts';
import type { PlannedCall } from './calls.ts';
import { models } from './calls.ts';
import type { LaneProgress } from './progress.ts';
import type { CallEnd } from './tally.ts';

export interface LaneOptions {
  readonly name: string;
  /** The official client as its makers ship it; only its address is set. */
  readonly client: Anthropic;
  readonly calls: readonly PlannedCall[];
  /** Calls begin evenly over this time, whether or not earlier ones have ended. */
  readonly durationMs: number;
  /** A call that has not ended by then is given up and counts as hung. */
  readonly patienceMs: number;
  readonly clock: Clock;
}

interface Answered {
  /** The SDK's types promise one; where the API sends an empty 200, there is none. */
  readonly message: Message | undefined;
  readonly headers: Headers | null;
}

/** True when nothing is missing, doubled or changed, by whichever model the call may have been served. */
function isWhole(call: PlannedCall, message: Message | undefined): boolean {
  const allowed: readonly string[] = call.fallback ? models : [call.request.model];
  if (message === undefined || !allowed.includes(message.model)) return false;
  const expected = expectedAnswer(JSON.stringify({ ...call.request, model: message.model }));
  return isDeepStrictEqual(message.content, expected.content) && message.stop_reason === expected.stop_reason;
}

/** What an error of the SDK is called in the table: its status and type, or how its message begins. */
function nameOf(error: unknown): string {
  const { status, type, message } = error as { status?: number; type?: string | null; message?: string };
  if (status !== undefined) return `${status} ${type ?? 'without a type'}`;
  return type ? `${type} in a stream` : String(message ?? error).slice(0, 32);
}

/** One lane of the demo: the calls, made at their moments, and how each ended. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #ends: CallEnd[] = [];
  #started = 0;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  get progress(): LaneProgress {
    const whole = this.#ends.filter((end) => end.outcome === 'whole').length;
    const { name, calls } = this.#options;
    return { lane: name, calls: calls.length, started: this.#started, whole, failed: this.#ends.length - whole };
  }

  /** Makes all calls; resolves with their ends when the last one has ended. Stops early when `signal` aborts. */
  async run(signal: AbortSignal): Promise<readonly CallEnd[]> {
    const { calls, durationMs, clock } = this.#options;
    const startedAtMs = clock.now();
    const running: Promise<void>[] = [];
    for (const [index, call] of calls.entries()) {
      const dueAtMs = startedAtMs + (durationMs * index) / calls.length;
      if (dueAtMs > clock.now()) await wait(clock, dueAtMs - clock.now(), signal);
      if (signal.aborted) break;
      running.push(this.#make(call, signal));
    }
    await Promise.all(running);
    return this.#ends;
  }

  async #make(call: PlannedCall, signal: AbortSignal): Promise<void> {
    const { clock, patienceMs } = this.#options;
    this.#started++;
    const startedAtMs = clock.now();
    const patience = new AbortController();
    const timer = clock.after(patienceMs, () => patience.abort());
    const end = (outcome: string, headers: Headers | null) => {
      const recovered = headers?.get('ridethrough-recovered') ?? null;
      this.#ends.push({ outcome, totalMs: clock.now() - startedAtMs, recovered });
    };
    try {
      const { message, headers } = await this.#ask(call, AbortSignal.any([patience.signal, signal]));
      end(isWhole(call, message) ? 'whole' : 'a wrong answer, as success', headers);
    } catch (error) {
      end(patience.signal.aborted ? 'hung' : nameOf(error), null);
    } finally {
      clock.cancel(timer);
    }
  }

  async #ask(call: PlannedCall, signal: AbortSignal): Promise<Answered> {
    const { messages } = this.#options.client;
    const options = { signal, headers: call.fallback ? {} : { 'ridethrough-fallback': 'off' } };
    if (call.stream) {
      const stream = messages.stream(call.request, options);
      const message = await stream.finalMessage();
      return { message, headers: stream.response?.headers ?? null };
    }
    const { data, response } = await messages.create(call.request, options).withResponse();
    return { message: data, headers: response.headers };
  }
}
