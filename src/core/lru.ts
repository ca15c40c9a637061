interface Entry<K, V> {
  readonly key: K;
  readonly value: V;
  /** The count of uses when it was last used. */
  usedAt: number;
}

/**
 * A map that forgets what was not used for the longest time: random keys from outside must not grow it.
 * A use is a number in the entry, and not its place in the map: a `Map` that is changed with every use
 * makes tables that refer to each other, and keep what they held alive through one collection after another.
 */
export class LruMap<K, V> {
  readonly #entries = new Map<K, Entry<K, V>>();
  readonly #sizeMax: number;
  #uses = 0;

  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax;
  }

  get(key: K): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    entry.usedAt = ++this.#uses;
    return entry.value;
  }

  getOrCreate(key: K, create: () => V): V {
    const known = this.get(key);
    if (known !== undefined) return known;
    const value = create();
    this.#entries.set(key, { key, value, usedAt: ++this.#uses });
    if (this.#entries.size > this.#sizeMax) this.#forgetOldest();
    return value;
  }

  /** What is remembered, least recently used first. */
  values(): V[] {
    return [...this.#entries.values()].sort((a, b) => a.usedAt - b.usedAt).map((entry) => entry.value);
  }

  get size(): number {
    return this.#entries.size;
  }

  #forgetOldest(): void {
    let oldest: Entry<K, V> | null = null;
    for (const entry of this.#entries.values()) if (oldest === null || entry.usedAt < oldest.usedAt) oldest = entry;
    if (oldest !== null) this.#entries.delete(oldest.key);
  }
}
