import type { Clock } from '../core/clock.ts';
import { drainMs } from '../core/limits.ts';
import { Roster } from '../core/roster.ts';
import type { CallRun } from './call-run.ts';

/** The calls of an engine that are under way, and their end when the process shuts down. */
export class RunningCalls {
  readonly #clock: Clock;
  readonly #runs = new Roster<CallRun>();
  #drained: Promise<void> | null = null;
  #onIdle: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get count(): number {
    return this.#runs.size;
  }

  /** To be called before it starts. */
  add(run: CallRun): void {
    this.#runs.add(run);
    if (this.#drained !== null) run.drain();
  }

  ended(run: CallRun): void {
    this.#runs.delete(run);
    if (this.#runs.size === 0) this.#onIdle?.();
  }

  /** See `Engine.drain`. */
  drain(): Promise<void> {
    this.#drained ??= this.#drain();
    return this.#drained;
  }

  async #drain(): Promise<void> {
    for (const run of this.#runs.all()) run.drain();
    if (this.#runs.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = this.#clock.after(drainMs, () => {
        for (const run of this.#runs.all()) run.cut();
        resolve();
      });
      this.#onIdle = () => {
        this.#clock.cancel(timer);
        resolve();
      };
    });
  }
}
