/** As it is when this module is loaded: a program that replaces its timers for a test must still be answered. */
const atEndOfTurn = setImmediate;

/**
 * A stage that items pass through together. What arises while the sockets are read in one turn of the event loop
 * waits for the end of that turn, and then goes through one after another. Each by itself would find the
 * processor's caches full of the kernel and of Node, and cost three times as much (docs/benchmarks.md).
 */
export class Stage<T> {
  readonly #work: (item: T) => void;
  #waiting: T[] = [];
  readonly #run = (): void => {
    const items = this.#waiting;
    this.#waiting = [];
    let taken = 0;
    try {
      while (taken < items.length) this.#work(items[taken++] as T);
    } finally {
      // An error of one is not the others' affair.
      while (taken < items.length) this.add(items[taken++] as T);
    }
  };

  /** @param work done with each item, in the order they came */
  constructor(work: (item: T) => void) {
    this.#work = work;
  }

  add(item: T): void {
    if (this.#waiting.push(item) === 1) atEndOfTurn(this.#run);
  }
}
