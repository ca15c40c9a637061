import type { AttemptEvent } from '../core/events.ts';
import { LruMap } from '../core/lru.ts';
import { longMs, shortMs, witnessesMax } from './limits.ts';
import type { LastFailure, SubjectHealth } from './state.ts';
import { Window } from './window.ts';

/** What is remembered of one route, key or caller. */
export class Subject {
  readonly #window = new Window();
  readonly #failing = new LruMap<string, Seen>(witnessesMax);
  readonly #served = new LruMap<string, Seen>(witnessesMax);
  #lastSuccessAtMs: number | null = null;
  #lastFailure: LastFailure | null = null;
  #failingSinceMs: number | null = null;

  /** Takes an attempt that ended at an instant, and was not broken off by our side. */
  add(event: AttemptEvent, atMs: number): void {
    const { failure, error, caller } = event;
    this.#window.add(atMs, failure);
    const seen = (failure === null ? this.#served : this.#failing).getOrCreate(caller, () => ({ atMs }));
    seen.atMs = atMs;
    if (failure === null) {
      this.#lastSuccessAtMs = atMs;
      this.#failingSinceMs = null;
      return;
    }
    this.#failingSinceMs ??= event.startedAtMs;
    const requestId = event.requestId ?? event.bodyRequestId;
    const { type = '', code = null } = error ?? {};
    this.#lastFailure = { atMs, class: failure, type, code, status: event.status, requestId };
  }

  health(atMs: number): SubjectHealth {
    return {
      short: this.#window.counts(atMs, shortMs),
      long: this.#window.counts(atMs, longMs),
      lastSuccessAtMs: this.#lastSuccessAtMs,
      lastFailure: this.#lastFailure,
      failingSinceMs: this.#failingSinceMs,
      callers: { failing: countSince(this.#failing, atMs), served: countSince(this.#served, atMs) },
    };
  }

  /** When it was last heard of; null: never. */
  get lastAtMs(): number | null {
    const lastMs = Math.max(this.#lastSuccessAtMs ?? 0, this.#lastFailure?.atMs ?? 0);
    return lastMs === 0 ? null : lastMs;
  }
}

interface Seen {
  atMs: number;
}

function countSince(callers: LruMap<string, Seen>, atMs: number): number {
  let count = 0;
  for (const seen of callers.values()) if (seen.atMs > atMs - longMs) count++;
  return count;
}
