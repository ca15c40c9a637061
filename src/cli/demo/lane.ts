import type { Anthropic } from '@anthropic-ai/sdk';
import type { Message } from '@anthropic-ai/sdk/resources/messages';
import type { Clock } from '../../core/clock.ts';
import { wait } from '../../core/clock.ts';
import type { PlannedCall } from './calls.ts';
import type { LaneProgress } from './progress.ts';
import type { CallEnd } from './tally.ts';
import { isWhole } from './whole.ts';

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

/** What an error of the SDK is called: its status and type, or how its message begins. */
export function nameOf(error: unknown): string {
  const { status, type, message } = error as { status?: number; type?: string | null; message?: string };
  // How JSON is broken is told in as many ways as there are.
  if (message?.includes('JSON')) return 'broken JSON';
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
    const end = (outcome: string) => this.#ends.push({ outcome, totalMs: clock.now() - startedAtMs });
    try {
      const message = await this.#ask(call, AbortSignal.any([patience.signal, signal]));
      end(isWhole(call, message) ? 'whole' : 'a wrong answer, as success');
    } catch (error) {
      end(patience.signal.aborted ? 'hung' : nameOf(error));
    } finally {
      clock.cancel(timer);
    }
  }

  /** The SDK's types promise a message; where the API sends an empty 200, there is none. */
  async #ask(call: PlannedCall, signal: AbortSignal): Promise<Message | undefined> {
    const { messages } = this.#options.client;
    const options = { signal, headers: call.fallback ? {} : { 'ridethrough-fallback': 'off' } };
    return call.stream ? messages.stream(call.request, options).finalMessage() : messages.create(call.request, options);
  }
}
