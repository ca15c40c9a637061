import type { Config } from '../../config/config.ts';
import type { Clock } from '../../core/clock.ts';
import type { Diagnosis } from '../../diagnosis/endpoint.ts';
import { judge } from '../../diagnosis/judge.ts';
import type { Canary } from '../../diagnosis/verdict.ts';
import type { HealthModel } from '../../health/model.ts';
import type { StatusState } from '../../status/state.ts';
import { lookAt } from './canary.ts';

/** Upstreams are looked at again only after so long, however often somebody asks. */
const looksMs = 30_000;

/** The verdict of a gateway that runs. */
export class LiveDiagnosis {
  readonly #health: HealthModel;
  readonly #clock: Clock;
  readonly #page: () => StatusState | null;
  #config: Config;
  #canaries: readonly Canary[] = [];
  #lookedAtMs = Number.NEGATIVE_INFINITY;

  constructor(health: HealthModel, clock: Clock, config: Config, page: () => StatusState | null) {
    this.#health = health;
    this.#clock = clock;
    this.#config = config;
    this.#page = page;
  }

  /** Another configuration is in force. */
  use(config: Config): void {
    this.#config = config;
    this.#lookedAtMs = Number.NEGATIVE_INFINITY;
  }

  /** By what is known already: asks nobody. */
  now(): Diagnosis {
    const atMs = this.#clock.now();
    // An old look would speak for a way that may be broken by now.
    const canaries = atMs - this.#lookedAtMs < 2 * looksMs ? this.#canaries : [];
    return { atMs, verdict: judge({ health: this.#health.snapshot(atMs), page: this.#page(), canaries }) };
  }

  /** Has a look at every upstream first, free of charge. */
  async looked(): Promise<Diagnosis> {
    if (this.#clock.now() - this.#lookedAtMs >= looksMs) {
      this.#lookedAtMs = this.#clock.now();
      const upstreams = [...this.#config.upstreams.values()];
      const look = { kind: 'free' } as const;
      this.#canaries = await Promise.all(upstreams.map((each) => lookAt(each, this.#config, null, look, this.#clock)));
    }
    return this.now();
  }
}
