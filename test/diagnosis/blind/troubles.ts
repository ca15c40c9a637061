import type { Random } from '../../../src/core/random.ts';
import { type Answering, whole200 } from './answers.ts';
import { chance, pick } from './chance.ts';
import type { Caller, Setting } from './setting.ts';
import type { Ask, Trouble } from './traffic.ts';

/**
 * A trouble of the attempts that fit.
 * @param share of them that it reaches, 0 to 1
 */
export function only(fits: (ask: Ask) => boolean, answering: Answering, share = 1): Trouble {
  return (ask, random) => (fits(ask) && chance(random, share) ? answering(random, ask.atMs) : null);
}

/** A trouble of every attempt at an upstream. */
export function at(upstream: string | undefined, answering: Answering, share = 1): Trouble {
  return only((ask) => ask.upstream === upstream, answering, share);
}

/** Each attempt meets one of several. */
export function oneOf(...answerings: readonly Answering[]): Answering {
  return (random, nowMs) => pick(random, answerings)(random, nowMs);
}

/** First bytes later than usual; nothing fails. */
export function slow(fits: (ask: Ask) => boolean, slower: number): Trouble {
  return (ask, random: Random) => (fits(ask) ? whole200(ask.model, random, slower) : null);
}

/** Nothing happens. */
export const noTrouble: Trouble = () => null;

/** The model that most callers prefer. */
export function favourite({ callers }: Setting): string {
  const counts = new Map<string, number>();
  for (const { models } of callers) counts.set(models[0] ?? '', (counts.get(models[0] ?? '') ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? '';
}

/** A habit of callers: each of their models as often as another, so that what is common to all can be seen. */
export function evenly({ models }: Caller, _: number, random: Random): string {
  return pick(random, models);
}
