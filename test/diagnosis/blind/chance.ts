import type { Random } from '../../../src/core/random.ts';

/** Uniform between two numbers. */
export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random.next();
}

/** Between two positive numbers, each order of magnitude as likely as another. */
export function scaled(random: Random, low: number, high: number): number {
  return low * (high / low) ** random.next();
}

/** A whole number from `low` to `high`, both included. */
export function whole(random: Random, low: number, high: number): number {
  return Math.floor(between(random, low, high + 1));
}

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[Math.floor(random.next() * items.length)] as Item;
}

/** Some of the items, each once, in random order. */
export function sample<Item>(random: Random, items: readonly Item[], count: number): Item[] {
  const left = [...items];
  return Array.from({ length: Math.min(count, left.length) }, () => {
    const [item] = left.splice(Math.floor(random.next() * left.length), 1);
    return item as Item;
  });
}

/** True in that share of the cases. */
export function chance(random: Random, share: number): boolean {
  return random.next() < share;
}
