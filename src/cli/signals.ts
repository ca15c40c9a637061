import { constants } from 'node:os';

/** The signals that ask a program to end. */
export type EndSignal = 'SIGINT' | 'SIGTERM';

/**
 * Resolves with the first signal that asks us to end. From the second on nothing is waited for:
 * whoever presses Ctrl-C twice wants out now.
 */
export function endSignal(): Promise<EndSignal> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(128 + constants.signals[signal]);
        asked = true;
        resolve(signal);
      });
    }
  });
}

/** The exit status after a clean end by a signal: Ctrl-C is told by 130, as shells do; SIGTERM asked for just this. */
export function statusAfter(signal: EndSignal): number {
  return signal === 'SIGINT' ? 130 : 0;
}
