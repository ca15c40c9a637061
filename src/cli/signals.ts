/** The signals that ask a program to end. */
export type EndSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** The shell's way of telling by a number that a signal ended a program: 128 + its number. */
export const signalStatus: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGKILL: 137, SIGTERM: 143 };

/**
 * Resolves with the first of `signals` that comes. From the second on nothing is waited for: whoever
 * presses Ctrl-C twice wants out now.
 */
export function firstSignal(signals: readonly EndSignal[]): Promise<EndSignal> {
  return new Promise((resolve) => {
    let seen = false;
    for (const signal of signals) {
      process.on(signal, () => {
        if (seen) process.exit(signalStatus[signal]);
        seen = true;
        resolve(signal);
      });
    }
  });
}
