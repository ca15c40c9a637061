import type { Random } from '../core/random.ts';

/**
 * Wait before a retry, uniform in [0, min(capMs, baseMs · 2^retryIndex)) ("full jitter": the least
 * total work when many clients collide).
 * @param retryIndex 0 for the first retry
 * @returns milliseconds
 * @see AWS Architecture Blog, "Exponential Backoff and Jitter"
 */
export function fullJitterMs(retryIndex: number, baseMs: number, capMs: number, random: Random): number {
  return random.next() * Math.min(capMs, baseMs * 2 ** Math.min(retryIndex, 30));
}

/**
 * A server's own wait is a floor, never a ceiling: up to a tenth is added, so that those who were
 * told the same instant do not all come back at it.
 * @returns milliseconds
 */
export function notBeforeMs(jitterMs: number, serverWaitMs: number | null, random: Random): number {
  if (serverWaitMs === null) return jitterMs;
  return Math.max(jitterMs, serverWaitMs * (1 + 0.1 * random.next()));
}
