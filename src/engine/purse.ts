import type { Limits } from '../core/limits.ts';
import { RetryBudget } from '../policies/retry-budget.ts';

/** What all lanes of one upstream × credential share: the retry budget, and who is waiting for it. */
export interface Purse {
  readonly budget: RetryBudget;
  /** Lanes on which somebody waits for a token: they are served when one is earned. */
  readonly hungry: Set<{ pump(): void }>;
  /** Last success with this credential, for the suspect 401 of an outage; -Infinity before the first. */
  lastSuccessMs: number;
}

/** A purse with a full budget, for an upstream and credential that are met for the first time. */
export function createPurse(limits: Limits['budget']): Purse {
  return { budget: new RetryBudget(limits), hungry: new Set(), lastSuccessMs: Number.NEGATIVE_INFINITY };
}
