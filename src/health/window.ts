import type { FailureClass } from '../core/outcome.ts';
import { bucketMs, longMs } from './limits.ts';
import type { Counts } from './state.ts';

const buckets = longMs / bucketMs;

/** Attempts of the last ten minutes by how they ended, in steps of ten seconds. */
export class Window {
  /** By number of the step, modulo their count; `step` tells which one a slot holds. */
  readonly #slots: Slot[] = [];
  #newest = 0;

  /** @param failure null for a success */
  add(atMs: number, failure: FailureClass | null): void {
    const step = Math.floor(atMs / bucketMs);
    if (step <= this.#newest - buckets) return;
    this.#newest = Math.max(this.#newest, step);
    const index = step % buckets;
    let slot = this.#slots[index];
    if (slot?.step !== step) {
      slot = { step, attempts: 0, failures: new Map() };
      this.#slots[index] = slot;
    }
    slot.attempts++;
    if (failure !== null) slot.failures.set(failure, (slot.failures.get(failure) ?? 0) + 1);
  }

  /** What ended within `spanMs` before an instant, to the step. */
  counts(atMs: number, spanMs: number): Counts {
    const last = Math.floor(atMs / bucketMs);
    const failures: Partial<Record<FailureClass, number>> = {};
    let attempts = 0;
    for (const slot of this.#slots) {
      if (slot === undefined || slot.step > last || slot.step <= last - spanMs / bucketMs) continue;
      attempts += slot.attempts;
      for (const [failure, count] of slot.failures) failures[failure] = (failures[failure] ?? 0) + count;
    }
    return { attempts, failures };
  }
}

interface Slot {
  readonly step: number;
  attempts: number;
  readonly failures: Map<FailureClass, number>;
}
