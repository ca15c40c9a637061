import { constants } from 'node:os';
import { systemClock } from '../core/clock.ts';

/** The signals that ask a program to end; SIGHUP does where it means nothing else: the terminal was closed. */
export type EndSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** The exit status of what a signal has ended, as shells tell it: 128 + the signal's number. */
export function statusOf(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

/**
 * Signals so close together are one wish: `timeout` signals its child and then its whole group, which
 * cut off every call under way. A finger on Ctrl-C is slower.
 */
const oneWishMs = 100;

/**
 * Resolves with the first signal that asks us to end. From a second wish on nothing is waited for:
 * whoever presses Ctrl-C twice wants out now.
 * @param signals default: SIGINT and SIGTERM
 */
export function endSignal(signals: readonly EndSignal[] = ['SIGINT', 'SIGTERM']): Promise<EndSignal> {
  return new Promise((resolve) => {
    let askedAt: number | null = null;
    for (const signal of signals) {
      process.on(signal, () => {
        if (askedAt !== null && systemClock.now() - askedAt > oneWishMs) process.exit(statusOf(signal));
        askedAt ??= systemClock.now();
        resolve(signal);
      });
    }
  });
}

/** The same for work that is broken off by it: `signal` aborts, then `ended` resolves. */
export function abortOnEnd(signals?: readonly EndSignal[]): { signal: AbortSignal; ended: Promise<EndSignal> } {
  const aborter = new AbortController();
  const ended = endSignal(signals).then((received) => {
    aborter.abort();
    return received;
  });
  return { signal: aborter.signal, ended };
}

/** The exit status of a server that has ended in order: SIGTERM is the usual way to ask for it, Ctrl-C breaks it off. */
export function serverStatus(signal: EndSignal): number {
  return signal === 'SIGINT' ? statusOf(signal) : 0;
}
