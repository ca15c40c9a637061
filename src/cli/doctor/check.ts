import type { Clock } from '../../core/clock.ts';
import { codeOf } from '../../core/errors.ts';

/** What one look at one thing has found. */
export interface Check {
  /** The thing: `dns`, `tls`, `key`… */
  readonly name: string;
  /** `skipped`: could not be looked at, or there was nothing to look at; not a fault in itself. */
  readonly state: 'ok' | 'problem' | 'skipped';
  /** What is the case, in one line; never holds a key. */
  readonly finding: string;
  /** What to do about a problem; null where there is none. */
  readonly advice: string | null;
}

/** Nothing is wrong with it. */
export const ok = (name: string, finding: string): Check => ({ name, state: 'ok', finding, advice: null });
/** It was not looked at; `finding` says why. */
export const skipped = (name: string, finding: string): Check => ({ name, state: 'skipped', finding, advice: null });
/** Something is wrong with it. */
export const problem = (name: string, finding: string, advice: string): Check => ({
  name,
  state: 'problem',
  finding,
  advice,
});

/** No single look takes longer than this: a doctor who hangs is no help. */
export const lookMsMax = 5_000;

/**
 * Waits for `work` at most `lookMsMax`; the signal it is given aborts at that moment, so that nothing is left open.
 * @throws Error `no answer within 5 s` when the time is over
 */
export async function bounded<T>(clock: Clock, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const { promise: overdue, reject } = Promise.withResolvers<never>();
  const timer = clock.after(lookMsMax, () => {
    const error = new Error(`no answer within ${lookMsMax / 1000} s`);
    controller.abort(error);
    reject(error);
  });
  try {
    return await Promise.race([work(controller.signal), overdue]);
  } finally {
    clock.cancel(timer);
  }
}

/** The system's code where there is one (`ECONNREFUSED`), else the message. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = codeOf(error);
  return code === null || code === 'ABORT_ERR' ? error.message : code;
}
