import type { Answer } from '../queue/collect-answer.ts';
import { isJsonObject, type JsonObject } from '../wire/json.ts';
import { jsonOf } from './json-answer.ts';

/** A creation of which it is not known whether it took effect. */
export interface UnsureCreation {
  /** `Clock.now()` when it was sent. */
  readonly sentAtMs: number;
  /** How many requests it held. */
  readonly count: number;
}

/** The clocks of two machines may differ by this much. */
const clockSkewMs = 120_000;
/** The newest batches that are looked at: as many as the API gives at a time. */
const lookedAtMax = 1_000;

/** What to append to `/v1/messages/batches` to see whether a creation took effect. */
export const sightingTail = `?limit=${lookedAtMax}`;

/**
 * The batches that may be the one whose creation is in doubt: the API shows no custom ids in its
 * list, so a batch is known by its time and its size (R15).
 * @param listed the newest batches, as the upstream answered
 * @param untilMs `Clock.now()`
 * @param known ids of batches that are somebody else's
 * @returns null when the answer is no list, or one that does not reach back to the creation
 */
export function sightings(
  listed: Answer | null,
  { sentAtMs, count }: UnsureCreation,
  untilMs: number,
  known: (id: string) => boolean,
): JsonObject[] | null {
  const list = listed?.status === 200 ? jsonOf(listed) : null;
  if (!Array.isArray(list?.data)) return null;
  const oldest: unknown = list.data.at(-1);
  const reaches = isJsonObject(oldest) && Date.parse(String(oldest.created_at)) < sentAtMs - clockSkewMs;
  if (list.has_more === true && !reaches) return null;
  return list.data.filter((batch): batch is JsonObject => {
    if (!isJsonObject(batch) || typeof batch.id !== 'string' || known(batch.id)) return false;
    const createdAtMs = Date.parse(String(batch.created_at));
    const isNear = createdAtMs >= sentAtMs - clockSkewMs && createdAtMs <= untilMs + clockSkewMs;
    return isNear && countOf(batch) === count;
  });
}

function countOf({ request_counts }: JsonObject): number {
  if (!isJsonObject(request_counts)) return Number.NaN;
  return Object.values(request_counts).reduce<number>((sum, each) => sum + Number(each), 0);
}
