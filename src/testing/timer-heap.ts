import { Heap } from '../core/heap.ts';

/** A timer of the virtual clock. */
export interface VirtualTimer {
  readonly atMs: number;
  /** Order of creation: decides between timers of one instant. */
  readonly sequence: number;
  /** null once it has fired or was cancelled. */
  callback: (() => void) | null;
}

function isBefore(a: VirtualTimer, b: VirtualTimer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence);
}

/** Timers by time, then creation. Cancelled ones stay until they come to the top. */
export class TimerHeap {
  readonly #heap = new Heap<VirtualTimer>(isBefore);

  push(timer: VirtualTimer): void {
    this.#heap.push(timer);
  }

  /** The next timer that is still to fire; it stays in the heap. */
  peek(): VirtualTimer | null {
    for (let first = this.#heap.first; first !== undefined; first = this.#heap.first) {
      if (first.callback !== null) return first;
      this.#heap.dropFirst();
    }
    return null;
  }
}
