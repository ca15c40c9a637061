import { Heap } from '../core/heap.ts';

/** Something that waits and has a deadline. */
export interface Waiting {
  readonly deadlineAtMs: number;
  /** True once it has been served, or has left. */
  readonly settled: boolean;
}

/**
 * Who is served next: the one whose deadline is nearest (R6; newest-first loses 1–12 %). Whoever is settled
 * elsewhere is dropped when it surfaces, or swept out before such outnumber those who wait: each may hold a body
 * of megabytes.
 */
export class EdfQueue<T extends Waiting> {
  readonly #heap = new Heap<T>((a, b) => a.deadlineAtMs < b.deadlineAtMs);
  #leavers = 0;

  /** How many it holds, those included who have left and were not dropped yet. */
  get size(): number {
    return this.#heap.size;
  }

  /** To be told for each item that was settled; once too often does no harm. */
  left(): void {
    if (++this.#leavers * 2 <= this.#heap.size) return;
    this.#leavers = 0;
    for (const item of this.#heap.takeAll()) if (!item.settled) this.push(item);
  }

  push(item: T): void {
    this.#heap.push(item);
  }

  /** The next one to serve, left in place; null when nobody waits. */
  peek(): T | null {
    for (let first = this.#heap.first; first !== undefined; first = this.#heap.first) {
      if (!first.settled) return first;
      this.#heap.dropFirst();
    }
    return null;
  }

  pop(): T | null {
    const first = this.peek();
    if (first !== null) this.#heap.dropFirst();
    return first;
  }
}
