import type { Patience, RawHeaders } from '../core/call.ts';
import type { Limits } from '../core/limits.ts';
import { callMsMax, pingMs } from '../core/limits.ts';
import { headerOf } from '../wire/headers.ts';

/** A positive, finite number of seconds, or null: SDKs also send `None` and `NaN`. */
function secondsOf(text: string | null): number | null {
  if (text === null) return null;
  const seconds = Number(text);
  return Number.isFinite(seconds) && seconds > 0 ? seconds : null;
}

/**
 * How long this caller will wait, and in what way (R1, R2).
 *
 * `x-stainless-read-timeout: R` bounds silence: a stream may take its time if it is pinged, an
 * answer in one piece must be there within R. Without it, `x-stainless-timeout: T` bounds the time
 * to the head. The margins (10 %, max(1 s, 5 %)) let our error arrive before the caller's own.
 * @param ownDeadlineSeconds the caller's `ridethrough-deadline`, which wins; null when it named none
 */
export function patienceOf(
  headers: RawHeaders,
  stream: boolean,
  ownDeadlineSeconds: number | null,
  timeouts: Limits['timeouts'],
  nowMs: number,
): Patience {
  const readSeconds = secondsOf(headerOf(headers, 'x-stainless-read-timeout'));
  const totalSeconds = secondsOf(headerOf(headers, 'x-stainless-timeout'));
  const announced = readSeconds ?? totalSeconds;
  const deadlineSeconds =
    ownDeadlineSeconds ?? announcedDeadline(stream, readSeconds, totalSeconds) ?? timeouts.deadline;
  return {
    deadlineAtMs: nowMs + Math.min(deadlineSeconds * 1000, callMsMax),
    holdMs: 1000 * Math.min(timeouts.hold, announced === null ? Number.POSITIVE_INFINITY : announced / 2),
    pingMs: readSeconds === null ? pingMs : Math.min(pingMs, readSeconds * 500),
  };
}

function announcedDeadline(stream: boolean, readSeconds: number | null, totalSeconds: number | null): number | null {
  if (readSeconds !== null) return stream ? null : 0.9 * readSeconds;
  if (totalSeconds === null) return null;
  // For a timeout of two seconds and less the margin of a second would leave nothing.
  return Math.max(totalSeconds - Math.max(1, 0.05 * totalSeconds), totalSeconds / 2);
}
