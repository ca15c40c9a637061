/** A running timer, good for `Clock.cancel` only. */
export type Timer = { readonly __timer: unique symbol } | object;

/**
 * Time, passed in. Nothing else in `src/` may read ambient time or set ambient timers:
 * that is what lets a seeded simulation run hours of traffic in seconds and replay them exactly.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch; never goes backwards. */
  now(): number;
  /** Runs `callback` once, `delayMs` from now (0 or more; anything less counts as 0). */
  after(delayMs: number, callback: () => void): Timer;
  /** Stops a timer; one that has fired, or was stopped, is ignored. */
  cancel(timer: Timer): void;
}

/** `setTimeout` fires at once for a longer delay than this (24.8 days), so longer ones are cut to it. */
const delayMsMax = 2 ** 31 - 1;

/** The wall clock is looked at this often: a call asks for the time a dozen times. */
const lookMs = 1_000;
/** Ahead by more, the wall clock is followed: the machine has slept, and its steady clock with it. Less is a clock that is being set right. */
const sleptMs = 2_000;

/**
 * A steady clock that tells the time of day: it never goes backwards, and after a sleep of the machine it is right again.
 * @param steadyMs runs evenly from anywhere, and may stand still while the machine sleeps
 * @param wallMs milliseconds since the Unix epoch, as they are set
 * @param originMs what the wall clock showed when the steady one was at 0
 */
export function followWall(steadyMs: () => number, wallMs: () => number, originMs: number): () => number {
  let origin = originMs;
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  return () => {
    const steady = steadyMs();
    if (steady - lookedAtMs >= lookMs) {
      lookedAtMs = steady;
      const aheadMs = wallMs() - (origin + steady);
      if (aheadMs > sleptMs) origin += aheadMs;
    }
    return origin + steady;
  };
}

/** The machine's clock: monotonic, and anchored to the wall clock. */
export const systemClock: Clock = {
  // The origin is read once: its getter goes through the platform.
  now: followWall(
    () => performance.now(),
    () => Date.now(),
    performance.timeOrigin,
  ),
  // `setTimeout` drops fractions and counts from a rounded start: without the millisecond more, three of
  // four timers fire before their time, and a call that waited for `retry-after` is back too early.
  after: (delayMs, callback) => setTimeout(callback, Math.min(Math.ceil(Math.max(delayMs, 0)) + 1, delayMsMax)),
  cancel: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

/** Resolves after `delayMs`, or as soon as `signal` aborts. Resolves to false when it was aborted. */
export function wait(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve(false);
    const onAbort = () => {
      clock.cancel(timer);
      resolve(false);
    };
    const timer = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve(true);
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
