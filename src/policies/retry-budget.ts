import type { Limits } from '../core/limits.ts';

/** What can be saved up, in multiples of the floor: enough to mend a thousand streams cut at one stroke. */
const savingsFactor = 100;
/** Savings are counted from this floor at least: a low one is meant for outages, not for cut streams. */
const savingsFloorMin = 10;
/** So much may be spent after a success at least, or no success could pay for anything where the floor is 0. */
const spendingMin = 1;

/**
 * One budget for everything that is an extra attempt (R5): retries, fallbacks, resumes. Each
 * success earns `ratio`; while nothing succeeds no more than `floor` is spent, however much has
 * been saved, so an outage never sees more than calls + floor + probes.
 */
export class RetryBudget {
  readonly #limits: Limits['budget'];
  #tokens: number;
  #spentSinceSuccess = 0;

  constructor(limits: Limits['budget']) {
    this.#limits = limits;
    this.#tokens = limits.floor;
  }

  /** Earns `ratio`. To be called only for successes on a closed route. */
  succeeded(): void {
    this.#spentSinceSuccess = 0;
    const tokensMax = Math.max(this.#limits.floor, savingsFloorMin) * savingsFactor;
    this.#tokens = Math.min(this.#tokens + this.#limits.ratio, tokensMax);
  }

  /**
   * Takes the price of one extra attempt, or nothing.
   * @param cost 1, or 0.4 after a 429
   * @param overdraft how far below zero the tokens may fall
   */
  tryTake(cost: number, overdraft = 0): boolean {
    if (!this.canTake(cost, overdraft)) return false;
    this.#tokens -= cost;
    this.#spentSinceSuccess += cost;
    return true;
  }

  canTake(cost: number, overdraft = 0): boolean {
    const spendable = Math.max(this.#limits.floor, spendingMin) + overdraft;
    return this.#tokens + overdraft >= cost && this.#spentSinceSuccess + cost <= spendable;
  }

  /** Tokens left, for metrics and `status`. */
  get tokens(): number {
    return this.#tokens;
  }
}
