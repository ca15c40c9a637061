import type { Clock, Timer } from '../../../src/core/clock.ts';
import { TimerHeap, type VirtualTimer } from '../../../src/testing/timer-heap.ts';

/** A virtual clock for code without promises: hours of traffic pass in milliseconds. */
export class Timeline implements Clock {
  readonly #heap = new TimerHeap();
  #nowMs: number;
  #created = 0;

  /** @param startMs milliseconds since the Unix epoch */
  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): Timer {
    const timer: VirtualTimer = { atMs: this.#nowMs + Math.max(0, delayMs), sequence: this.#created++, callback };
    this.#heap.push(timer);
    return timer;
  }

  cancel(timer: Timer): void {
    (timer as VirtualTimer).callback = null;
  }

  /** Fires what falls due until an instant, in order. */
  runUntil(untilMs: number): void {
    for (let timer = this.#heap.peek(); timer !== null && timer.atMs <= untilMs; timer = this.#heap.peek()) {
      const { callback } = timer;
      this.#nowMs = timer.atMs;
      timer.callback = null;
      callback?.();
    }
    this.#nowMs = untilMs;
  }
}
