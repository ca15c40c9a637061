import type { Observer } from '../core/events.ts';

/** Keeps what an observer throws, at once or later, from the calls it watches: it would end them, or the process. */
export function shieldedObserver(observer: Observer): Observer {
  return {
    attempt: (event) => shielded(() => observer.attempt?.(event)),
    call: (event) => shielded(() => observer.call?.(event)),
    breaker: (event) => shielded(() => observer.breaker?.(event)),
  };
}

function shielded(tell: () => unknown): void {
  try {
    const told = tell();
    if (told instanceof Promise) told.catch(() => {});
  } catch {
    // Nobody here could mend it, and the call it was told of is none of its doing.
  }
}
