import type { Clock, Timer } from '../core/clock.ts';
import { pollMs } from './limits.ts';

/**
 * Work that is done in rounds, one at a time: at once when somebody wakes it, and again after a while by itself.
 * Who wakes it amid a round brings about another one. A round that fails, for the store was away, is tried again
 * with the next poll.
 */
export class Rounds {
  readonly #clock: Clock;
  readonly #once: () => Promise<number>;
  #timer: Timer | null = null;
  #running: Promise<void> | null = null;
  #again = false;
  #stopped = false;

  /** @param once one round; resolves to the milliseconds after which there may be something to do again */
  constructor(clock: Clock, once: () => Promise<number>) {
    this.#clock = clock;
    this.#once = once;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** There may be something to do. Cheap, and may be called at any time. */
  wake(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#running ??= this.#run();
  }

  /** Begins no other round. Resolves when the one under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) this.#clock.cancel(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    let waitMs = pollMs;
    while (this.#again && !this.#stopped) {
      this.#again = false;
      waitMs = await this.#once().catch(() => pollMs);
    }
    // In the same step in which nothing was left to do: who wakes it later begins another round.
    this.#running = null;
    if (this.#stopped) return;
    if (this.#timer !== null) this.#clock.cancel(this.#timer);
    this.#timer = this.#clock.after(waitMs, () => this.wake());
  }
}
