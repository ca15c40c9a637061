/** Something that waits and has a deadline. */
export interface Waiting {
  readonly deadlineAtMs: number;
  /** True once it has been served, or has left. */
  readonly settled: boolean;
}

/**
 * Who is served next: the one whose deadline is nearest (R6; newest-first loses 1–12 %). A binary
 * heap; whoever is settled elsewhere is dropped when it surfaces, or swept out before such outnumber
 * those who wait: each may hold a body of megabytes.
 */
export class EdfQueue<T extends Waiting> {
  #heap: T[] = [];
  #leavers = 0;

  /** How many it holds, those included who have left and were not dropped yet. */
  get size(): number {
    return this.#heap.length;
  }

  /** To be told for each item that was settled; once too often does no harm. */
  left(): void {
    if (++this.#leavers * 2 <= this.#heap.length) return;
    const all = this.#heap;
    this.#heap = [];
    this.#leavers = 0;
    for (const item of all) if (!item.settled) this.push(item);
  }

  push(item: T): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as T;
      if (above.deadlineAtMs <= item.deadlineAtMs) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = item;
  }

  /** The next one to serve, left in place; null when nobody waits. */
  peek(): T | null {
    for (;;) {
      const top = this.#heap[0];
      if (top === undefined) return null;
      if (!top.settled) return top;
      this.#dropTop();
    }
  }

  pop(): T | null {
    const top = this.peek();
    if (top !== null) this.#dropTop();
    return top;
  }

  #dropTop(): void {
    const heap = this.#heap;
    const last = heap.pop() as T;
    const size = heap.length;
    if (size === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && (heap[child + 1] as T).deadlineAtMs < (heap[child] as T).deadlineAtMs) child++;
      if ((heap[child] as T).deadlineAtMs >= last.deadlineAtMs) break;
      heap[at] = heap[child] as T;
      at = child;
    }
    heap[at] = last;
  }
}
