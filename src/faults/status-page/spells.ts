import type { Scenario } from '../scenario.ts';

/** A span of trouble that a truthful page tells of. */
export interface Spell {
  /** null: every model. */
  readonly model: string | null;
  /** Milliseconds after the scenario was set. */
  readonly fromMs: number;
  /** null: no end. */
  readonly toMs: number | null;
  /** `outage`: nothing gets through. `errors`: a share of the requests fails. */
  readonly kind: 'outage' | 'errors';
}

/** From this share of failing requests on, a provider would tell of it. */
const shareTold = 0.05;

/** What of a scenario is worth telling. */
export function spellsOf({ outages, rate, kinds, times }: Scenario): Spell[] {
  const spells: Spell[] = outages.map(({ model, fromMs, toMs }) => ({ model, fromMs, toMs, kind: 'outage' }));
  const storms = rate >= shareTold && kinds.length > 0 && times === null;
  return storms ? [...spells, { model: null, fromMs: 0, toMs: null, kind: 'errors' }] : spells;
}
