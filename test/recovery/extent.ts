import { type Random, seededRandom } from '../../src/core/random.ts';

/** `npm run test:cuts` cuts everywhere; `npm test` at some places, the same for the same seed. */
export const everywhere = process.env.CUTS === 'all';

/** Set `CUTS_SEED` to play other cuts, or those of a run that failed once more. */
export const seed = Number(process.env.CUTS_SEED ?? 1);

/** Printed with every failure. */
export const replay = `CUTS_SEED=${seed}${everywhere ? ' CUTS=all' : ''}`;

/** A generator for one purpose, which tells it from those of others. */
export function randomFor(purpose: string): Random {
  let mixed = seed;
  for (const character of purpose) mixed = Math.imul(mixed ^ character.charCodeAt(0), 0x9e3779b1);
  return seededRandom(mixed);
}

/** All numbers below `end` where there are at most `countMax`, else so many of them, drawn without repetition. */
export function drawn(end: number, countMax: number, random: Random): number[] {
  if (end <= countMax) return Array.from({ length: end }, (_, at) => at);
  const places = new Set<number>();
  while (places.size < countMax) places.add(Math.floor(random.next() * end));
  return [...places];
}

/** One of a list. */
export function oneOf<Item>(list: readonly Item[], random: Random): Item {
  return list[Math.floor(random.next() * list.length)] as Item;
}
