import type { Clock, Timer } from '../core/clock.ts';

interface Entry {
  readonly atMs: number;
  readonly order: number;
  callback: (() => void) | null;
}

/**
 * A clock that stands still until it is told to advance. Timers fire in the order of their time,
 * equal times in the order they were set; between two of them every promise chain runs to its end.
 * So hours of traffic take seconds, and the same seed gives the same trace.
 */
export class VirtualClock implements Clock {
  #nowMs: number;
  #order = 0;
  #pending = 0;
  readonly #heap: Entry[] = [];

  /** @param startMs what `now` says first; default 2026-11-22T00:00:00Z */
  constructor(startMs = Date.UTC(2026, 10, 22)) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  /** Timers that have neither fired nor been cancelled: 0 at the end of a test, or something leaks. */
  get pendingTimers(): number {
    return this.#pending;
  }

  after(delayMs: number, callback: () => void): Timer {
    const entry: Entry = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, callback };
    this.#pending++;
    this.#push(entry);
    return entry;
  }

  cancel(timer: Timer): void {
    const entry = timer as Entry;
    if (entry.callback === null) return;
    entry.callback = null;
    this.#pending--;
  }

  /** Lets `ms` pass. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settle();
    for (let entry = this.#due(untilMs); entry !== null; entry = this.#due(untilMs)) {
      this.#nowMs = entry.atMs;
      this.#fire(entry);
      await settle();
    }
    this.#nowMs = untilMs;
  }

  /**
   * Lets time pass, timer by timer, until `done` says true.
   * @throws Error when no timer is left, or `limitMs` has passed, and it still says false
   */
  async runUntil(done: () => boolean, limitMs = 86_400_000): Promise<void> {
    const untilMs = this.#nowMs + limitMs;
    await settle();
    while (!done()) {
      const entry = this.#due(untilMs);
      if (entry === null) throw new Error('the condition did not come true: no timer is left in the time allowed');
      this.#nowMs = entry.atMs;
      this.#fire(entry);
      await settle();
    }
  }

  #fire(entry: Entry): void {
    const { callback } = entry;
    entry.callback = null;
    this.#pending--;
    callback?.();
  }

  #due(untilMs: number): Entry | null {
    for (;;) {
      const top = this.#heap[0];
      if (top === undefined) return null;
      if (top.callback === null) this.#pop();
      else if (top.atMs > untilMs) return null;
      else return this.#pop();
    }
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(entry, heap[parent] as Entry)) break;
      heap[at] = heap[parent] as Entry;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): Entry {
    const heap = this.#heap;
    const top = heap[0] as Entry;
    const last = heap.pop() as Entry;
    if (heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Entry, heap[child] as Entry)) child++;
      if (!before(heap[child] as Entry, last)) break;
      heap[at] = heap[child] as Entry;
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** One turn of the event loop: every promise that can settle has settled by then. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
