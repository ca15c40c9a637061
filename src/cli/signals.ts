import { constants } from 'node:os';

/** The signals that ask a program to end. */
export type EndSignal = 'SIGINT' | 'SIGTERM';

/** The exit status of what a signal has ended, as shells tell it: 128 + the signal's number. */
export function statusOf(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

/**
 * Resolves with the first signal that asks us to end. From the second on nothing is waited for:
 * whoever presses Ctrl-C twice wants out now.
 */
export function endSignal(): Promise<EndSignal> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(statusOf(signal));
        asked = true;
        resolve(signal);
      });
    }
  });
}

/** The exit status of a server that has ended in order: SIGTERM is the usual way to ask for it, Ctrl-C breaks it off. */
export function serverStatus(signal: EndSignal): number {
  return signal === 'SIGINT' ? statusOf(signal) : 0;
}
