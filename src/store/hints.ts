/** Who listens to which topic. Listeners are called later, one after another, never within `tell`. */
export class Hints {
  readonly #listeners = new Map<string, Set<() => void>>();

  /** @returns stops listening */
  add(topic: string, listener: () => void): () => void {
    const ours = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, ours);
    // A function of our own for each call: the same listener may be added twice.
    const entry = () => listener();
    ours.add(entry);
    return () => {
      ours.delete(entry);
      if (ours.size === 0 && this.#listeners.get(topic) === ours) this.#listeners.delete(topic);
    };
  }

  tell(topic: string): void {
    queueMicrotask(() => {
      for (const listener of [...(this.#listeners.get(topic) ?? [])]) listener();
    });
  }

  /** After a time without news everybody has to look. */
  tellAll(): void {
    for (const topic of this.#listeners.keys()) this.tell(topic);
  }

  clear(): void {
    this.#listeners.clear();
  }
}
