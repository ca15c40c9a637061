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

/** Timers by time, then creation: a binary heap. Cancelled timers stay until they come to the top. */
export class TimerHeap {
  readonly #timers: VirtualTimer[] = [];

  push(timer: VirtualTimer): void {
    const timers = this.#timers;
    let at = timers.length;
    timers.push(timer);
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = timers[parentAt] as VirtualTimer;
      if (!isBefore(timer, parent)) break;
      timers[at] = parent;
      at = parentAt;
    }
    timers[at] = timer;
  }

  /** The next timer that is still to fire; it stays in the heap. */
  peek(): VirtualTimer | null {
    for (;;) {
      const first = this.#timers[0];
      if (first === undefined) return null;
      if (first.callback !== null) return first;
      this.#removeFirst();
    }
  }

  #removeFirst(): void {
    const timers = this.#timers;
    const last = timers.pop() as VirtualTimer;
    const length = timers.length;
    if (length === 0) return;
    let at = 0;
    for (;;) {
      let childAt = 2 * at + 1;
      if (childAt >= length) break;
      let child = timers[childAt] as VirtualTimer;
      const other = timers[childAt + 1];
      if (other !== undefined && isBefore(other, child)) {
        child = other;
        childAt++;
      }
      if (!isBefore(child, last)) break;
      timers[at] = child;
      at = childAt;
    }
    timers[at] = last;
  }
}
