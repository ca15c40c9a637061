import type { Random } from './random.ts';

/** Milliseconds since the epoch in base 36: eight digits until the year 2059, and nine afterwards. */
const timeDigits = 8;

/**
 * The `ridethrough-id` of a call: 20 characters of `[0-9a-z]`, of which the first eight are the time it
 * came. Ids that rise with time are put at the end of a database's index; ids of pure chance would
 * touch another page of it for every call, which costs more than all the rest of a row.
 * @param nowMs milliseconds since the epoch
 */
export function callId(nowMs: number, random: Random): string {
  const time = Math.floor(nowMs).toString(36).padStart(timeDigits, '0');
  return time + random.id().slice(time.length);
}
