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

/** Read once: the getter goes through the platform, and a call asks for the time a dozen times. */
const originMs = performance.timeOrigin;

/** The machine's clock: monotonic, anchored to the wall clock at the start of the process. */
export const systemClock: Clock = {
  now: () => originMs + performance.now(),
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
