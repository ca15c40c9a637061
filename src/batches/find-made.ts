import type { Answer } from '../queue/collect-answer.ts';
import { sightings, type UnsureCreation } from './sightings.ts';

/**
 * What came of looking for a batch whose creation is in doubt. `later`: look again. `unlisted`: the list is not to be had.
 * `isCompared`: it holds what was sent; else it is but the only one of that time and size.
 */
export type Found = { readonly made: string; readonly isCompared: boolean } | 'never made' | 'later' | 'unlisted';

/**
 * Finds out whether a creation took effect, so that nothing is asked for twice (R15): by its time and
 * size in the list, and where several batches may be it, by what they hold when they have ended.
 * @param listed what the upstream answers to `sightingTail`
 * @param known ids of batches that are somebody else's
 * @param holdsOurs whether the results of an ended batch are those of our requests; null: they cannot be read now
 */
export async function findMade(
  listed: Answer | null,
  doubt: UnsureCreation,
  known: (id: string) => boolean,
  holdsOurs: (id: string) => Promise<boolean | null>,
): Promise<Found> {
  const seen = sightings(listed, doubt, doubt.sentAtMs, known);
  if (seen === null) return 'unlisted';
  const ended = seen.filter((batch) => batch.processing_status === 'ended');
  let isRead = true;
  for (const { id } of ended) {
    const isOurs = await holdsOurs(String(id));
    if (isOurs) return { made: String(id), isCompared: true };
    isRead &&= isOurs !== null;
  }
  if (ended.length === seen.length) return isRead ? 'never made' : 'later';
  const [only] = seen;
  return seen.length === 1 && only !== undefined ? { made: String(only.id), isCompared: false } : 'later';
}
