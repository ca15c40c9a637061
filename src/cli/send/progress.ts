import type { Clock, Timer } from '../../core/clock.ts';
import { span } from '../../core/duration.ts';
import type { AttemptEvent, CallEvent, Observer } from '../../core/events.ts';
import type { FailureClass } from '../../core/outcome.ts';

/** What befell an attempt, in a word or two for a person who waits. */
export const failureWords: Readonly<Record<FailureClass, string>> = {
  overload: 'the upstream is overloaded',
  server: 'the upstream has failed',
  timeout: 'no answer in time',
  'rate-limit': 'too many requests',
  'spend-limit': 'a spend limit is reached',
  auth: 'the key was refused',
  permission: 'permission was refused',
  model: 'the model is not to be had',
  conflict: 'a conflict upstream',
  request: 'the request was refused',
  network: 'no connection, or it broke',
  tls: 'the certificate was not believed',
  protocol: 'the answer was no Claude answer',
  truncated: 'the answer was cut off',
  stalled: 'the answer stalled',
};

export interface ProgressOptions {
  readonly clock: Clock;
  /** `Clock.now()` milliseconds after which nothing is begun any more. */
  readonly deadlineAtMs: number;
  /** Retries of a call; after them it waits for the upstream to recover. */
  readonly retriesMax: number;
  /** True: one line, drawn over the last one, for a terminal. False: a line each. */
  readonly redraws: boolean;
  /** True where the answer stands on the same screen: once it has begun nothing is drawn into it. */
  readonly sharesScreen: boolean;
  write(text: string): void;
}

/** Tells a person who waits for one call what has failed and what happens next. Watches the engine. */
export class Progress implements Observer {
  /** How the call ended; null until then. */
  ended: CallEvent | null = null;
  readonly #options: ProgressOptions;
  /** Breakers of this call's routes that are open. */
  readonly #open = new Set<string>();
  #timer: Timer | null = null;
  #drawn = false;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  attempt(event: AttemptEvent): void {
    if (event.failure === null || (event.released && this.#options.sharesScreen)) return;
    const failure = `${failureWords[event.failure]}${event.status === null ? '' : ` (${event.status})`}`;
    // What comes next is decided after this event: the call may end of the failure, its breaker may open.
    this.#timer = this.#options.clock.after(0, () => this.#tell(`attempt ${event.index}: ${failure}`, event));
  }

  breaker({ route, state }: { route: string; state: string }): void {
    if (state === 'open') this.#open.add(route);
    else this.#open.delete(route);
  }

  call(event: CallEvent): void {
    this.ended = event;
    if (this.#timer !== null) this.#options.clock.cancel(this.#timer);
    this.clear();
  }

  /** Makes room on a terminal for the answer. */
  clear(): void {
    if (this.#drawn) this.#options.write('\r\x1b[2K');
    this.#drawn = false;
  }

  #tell(what: string, { index, route }: AttemptEvent): void {
    const { clock, deadlineAtMs, retriesMax, redraws, write } = this.#options;
    const left = span(deadlineAtMs - clock.now());
    const waits = index > retriesMax || this.#open.has(route);
    const next = waits ? `waiting for the upstream to recover, up to ${left} more (Ctrl-C to stop)` : 'trying again';
    this.clear();
    write(redraws ? `${what}; ${next}` : `${what}; ${next}\n`);
    this.#drawn = redraws;
  }
}
