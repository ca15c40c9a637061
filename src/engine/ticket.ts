import type { Failure } from '../core/outcome.ts';
import type { Admission } from '../policies/circuit-breaker.ts';
import type { Lane } from './lane.ts';

/** The right to one exchange. Its holder gives one verdict at most, and releases it exactly once. */
export class Ticket {
  readonly lane: Lane;
  readonly admission: Admission;
  #judged = false;

  constructor(lane: Lane, admission: Admission) {
    this.lane = lane;
    this.admission = admission;
  }

  get judged(): boolean {
    return this.#judged;
  }

  succeeded(durationMs: number): void {
    if (this.#judged) return;
    this.#judged = true;
    this.lane.succeeded(this.admission, durationMs);
  }

  failed(failure: Failure, callId: string): void {
    // A stream that began well and broke later has had its verdict; the break still counts.
    const admission = this.#judged ? 'pass' : this.admission;
    this.#judged = true;
    this.lane.failed(admission, failure, callId);
  }

  release(): void {
    if (!this.#judged) {
      this.#judged = true;
      this.lane.withdrawn(this.admission);
    }
    this.lane.released();
  }
}
