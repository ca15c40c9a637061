import type { FailureClass } from '../../core/outcome.ts';
import type { Counts, HealthSnapshot, LastFailure, SubjectHealth } from '../../health/state.ts';
import type { StatusState } from '../../status/state.ts';
import type { Canary, Evidence, Fault } from '../verdict.ts';

/** Everything that a verdict is found from. */
export interface Facts {
  readonly health: HealthSnapshot;
  /** null: the status page is not watched, or has not been read. */
  readonly page: StatusState | null;
  /** The newest look at each upstream; empty where none was taken. */
  readonly canaries: readonly Canary[];
}

/** Somebody who may be at fault, and how sure that is. */
export interface Suspicion {
  readonly fault: Exclude<Fault, 'unclear'>;
  readonly subject: string | null;
  /** 0 to 1. What is 0.8 or more is as good as proven: it wants two independent signs, or one that cannot mean anything else. */
  readonly confidence: number;
  readonly sinceMs: number | null;
  /** The failure that it shows by; null where there is none. */
  readonly failure: LastFailure | null;
  readonly evidence: readonly Evidence[];
}

/** Looks at the facts in one respect. */
export type Suspect = (facts: Facts) => readonly Suspicion[];

/** How many attempts of a window failed in one of these ways. */
export function failed({ failures }: Counts, ...classes: readonly FailureClass[]): number {
  return classes.reduce((sum, each) => sum + (failures[each] ?? 0), 0);
}

/** How many attempts of a window failed, in whatever way. */
export function allFailed({ failures }: Counts): number {
  return Object.values(failures).reduce((sum, count) => sum + count, 0);
}

/** The short window where it holds enough to judge by, else the long one. */
export function recent({ short, long }: SubjectHealth): Counts {
  return short.attempts >= 5 ? short : long;
}

/** Whether a subject is served at the moment: its newest attempt succeeded, or most of the last minute's did. */
export function isServed(subject: SubjectHealth): boolean {
  const { short, long, failingSinceMs, lastSuccessAtMs } = subject;
  if (lastSuccessAtMs === null || long.attempts === 0) return false;
  return failingSinceMs === null || (short.attempts >= 5 && allFailed(short) * 2 < short.attempts);
}

/** `12 of 40 attempts`. */
export function share(count: number, attempts: number): string {
  return `${count} of ${attempts} attempts`;
}
