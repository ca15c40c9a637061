import { judge } from '../../src/diagnosis/judge.ts';
import type { Verdict } from '../../src/diagnosis/verdict.ts';
import { HealthModel } from '../../src/health/model.ts';
import { generate } from './blind/index.ts';
import type { Scenario } from './blind/scenario.ts';

/** What a scenario was, without its thousands of events, and what was made of it. */
export interface Judged {
  readonly scenario: Pick<Scenario, 'name' | 'seed' | 'right'>;
  readonly verdict: Verdict;
  readonly isRight: boolean;
}

/** From this confidence on a wrong verdict is a wrong accusation. */
export const provenFrom = 0.8;

/** Judges every scenario of a seed by what a gateway would have seen of it. */
export function judgeAll(seed: number): Judged[] {
  return generate(seed).map((scenario) => {
    const health = new HealthModel();
    for (const { attempt, call } of scenario.events) {
      if (attempt !== undefined) health.attempt(attempt);
      if (call !== undefined) health.call(call);
    }
    const { name, seed: own, right, atMs, page, canaries } = scenario;
    const verdict = judge({ health: health.snapshot(atMs), page, canaries });
    return { scenario: { name, seed: own, right }, verdict, isRight: right.includes(verdict.fault) };
  });
}

/** The wrong ones, a line each: what was said, how sure, and what would have been right. */
export function wrongOnes(judged: readonly Judged[]): string[] {
  const wrong = judged.filter(({ isRight }) => !isRight);
  return wrong.map(({ scenario: { name, seed, right }, verdict: { fault, confidence } }) => {
    return `${name} (seed ${seed}): ${fault} (${confidence}), right: ${right.join(' or ')}`;
  });
}
