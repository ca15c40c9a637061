import type { Call } from '../core/call.ts';
import type { Failure } from '../core/outcome.ts';

/** Answers take different times: fewer than one in a hundred takes so many medians. */
const fairMedians = 4;

/** `Failure.code` where no connection, or no answer, came in the time that was left. */
const ownClocks: ReadonlySet<string> = new Set(['connect_timeout', 'first_byte_timeout']);

/**
 * Whether an attempt was cut by its caller's deadline before the upstream had a fair time to answer.
 * That says nothing about the route. Taken for slowness it would cut the concurrency of a route on
 * which a crowd waits with short deadlines, which makes the crowd wait longer: the route would never recover.
 * @param beganMs `Clock.now()` when it was sent
 * @param medianMs of the route's answers; 0 while there has been none
 */
export function wasImpatient(
  { code }: Failure,
  { patience }: Call,
  beganMs: number,
  nowMs: number,
  medianMs: number,
): boolean {
  if (!ownClocks.has(code ?? '') || nowMs < patience.deadlineAtMs) return false;
  return nowMs - beganMs < fairMedians * medianMs;
}
