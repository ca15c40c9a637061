import type { Clock, Timer } from '../core/clock.ts';
import { TimerHeap, type VirtualTimer } from './timer-heap.ts';

/** 2026-01-01T00:00:00Z: a fixed start, so that a replay prints the same instants. */
const startMsDefault = 1_767_225_600_000;

/**
 * Time that moves only when it is told to. Timers fire in order of their instant, then of their
 * creation; after each one every promise chain it set off has settled before the next fires, as it
 * would have in real time. Hours pass in seconds, and the same run gives the same trace.
 *
 * Code under a virtual clock must not wait for real sockets or files: those do not move with it.
 */
export class VirtualClock implements Clock {
  readonly #heap = new TimerHeap();
  #nowMs: number;
  #created = 0;
  #pending = 0;

  /** @param startMs milliseconds since the Unix epoch; default: the start of 2026. */
  constructor(startMs: number = startMsDefault) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): Timer {
    // `!(delayMs > 0)` also holds for NaN, which must not poison the order of the heap.
    const atMs = !(delayMs > 0) ? this.#nowMs : this.#nowMs + delayMs;
    const timer: VirtualTimer = { atMs, sequence: this.#created++, callback };
    this.#pending++;
    this.#heap.push(timer);
    return timer;
  }

  cancel(timer: Timer): void {
    const known = timer as VirtualTimer;
    if (known.callback === null) return;
    known.callback = null;
    this.#pending--;
  }

  /** Timers that have neither fired nor been cancelled: 0 after a test that left nothing behind. */
  get pendingTimers(): number {
    return this.#pending;
  }

  /**
   * Moves time forward by `ms`, fires what falls due, and settles what that set off.
   * @throws what a timer's callback throws; time then stands at that timer.
   */
  async advance(ms: number): Promise<void> {
    await this.runUntil(this.#nowMs + ms);
  }

  /**
   * Moves time forward to an instant, or from timer to timer until a condition holds. A condition
   * is looked at before the first timer and after each.
   * @throws Error when no timer is left and the condition still does not hold.
   */
  async runUntil(goal: number | (() => boolean)): Promise<void> {
    await settled();
    if (typeof goal === 'number') {
      while (this.#fireNext(goal)) await settled();
      this.#nowMs = Math.max(this.#nowMs, goal);
      return;
    }
    while (!goal()) {
      if (!this.#fireNext(Number.POSITIVE_INFINITY)) {
        throw new Error('No timer is left and the condition still does not hold: what is it waiting for?');
      }
      await settled();
    }
  }

  /** False when no timer is due by `byMs`. */
  #fireNext(byMs: number): boolean {
    const timer = this.#heap.peek();
    if (timer === null || timer.atMs > byMs || timer.callback === null) return false;
    const { callback } = timer;
    this.#nowMs = timer.atMs;
    this.cancel(timer);
    callback();
    return true;
  }
}

/**
 * Resolves when every promise chain under way has settled. Microtasks all run before the next
 * macrotask, so one turn of the loop is enough however long the chains are; a fixed number of
 * `await`s would not be. This is the one ambient timer outside of core/.
 */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
