import type { AttemptEvent } from '../core/events.ts';
import { LruMap } from '../core/lru.ts';
import { longMs } from './limits.ts';
import type { HealthSnapshot } from './state.ts';

/** Upstreams and codes are few: they come from the configuration and the platform. */
const namesMax = 64;

interface Reach {
  readonly name: string;
  failedAtMs: number;
  answeredAtMs: number;
  failingSinceMs: number | null;
}

interface Code {
  readonly code: string;
  readonly atMs: number[];
}

function unheard(name: string): Reach {
  return { name, failedAtMs: 0, answeredAtMs: 0, failingSinceMs: null };
}

/** Which upstreams can be reached at all. Whatever answers, an error too, has been reached. */
export class Network {
  readonly #upstreams = new LruMap<string, Reach>(namesMax);
  readonly #codes = new LruMap<string, Code>(namesMax);

  add({ upstream, failure, error, status }: AttemptEvent, atMs: number): void {
    const reach = this.#upstreams.getOrCreate(upstream, () => unheard(upstream));
    if (status !== null) {
      reach.answeredAtMs = atMs;
      reach.failingSinceMs = null;
      return;
    }
    if (failure !== 'network' && failure !== 'tls') return;
    reach.failedAtMs = atMs;
    reach.failingSinceMs ??= atMs;
    const code = error?.code ?? failure;
    const { atMs: times } = this.#codes.getOrCreate(code, () => ({ code, atMs: [] }));
    times.push(atMs);
    // What is older than the window, or beyond what a count can tell, is let go.
    while (times.length > 1_000 || (times[0] ?? atMs) <= atMs - longMs) times.shift();
  }

  snapshot(atMs: number): HealthSnapshot['network'] {
    const known = [...this.#upstreams.values()];
    const failing = known.filter((each) => each.failingSinceMs !== null && each.failedAtMs > atMs - longMs);
    const sinceMs = Math.min(...failing.map((each) => each.failingSinceMs ?? atMs));
    const codes: Record<string, number> = {};
    for (const { code, atMs: times } of this.#codes.values()) {
      const count = times.filter((each) => each > atMs - longMs).length;
      if (count > 0) codes[code] = count;
    }
    return {
      codes,
      unreached: failing.map(({ name }) => name),
      reached: known.filter((each) => each.failingSinceMs === null && each.answeredAtMs > 0).map(({ name }) => name),
      failingSinceMs: failing.length === 0 ? null : sinceMs,
    };
  }
}
