import type { Random } from '../../../src/core/random.ts';
import type { Canary, Fault } from '../../../src/diagnosis/verdict.ts';
import type { StatusState } from '../../../src/status/state.ts';
import { between, chance, scaled } from './chance.ts';
import { greenPage } from './page.ts';
import type { Scenario } from './scenario.ts';
import type { Setting } from './setting.ts';
import { type Habits, play, type Trouble } from './traffic.ts';

/** What a look at an upstream found; its time and its own duration are thrown by dice. */
export type Found = Pick<Canary, 'status' | 'problem'> & { readonly clockSkewMs?: number | null };

/** One situation before its traffic is played. */
export interface Draft {
  readonly story: string;
  readonly setting: Setting;
  readonly trouble: Trouble;
  readonly right: readonly Fault[];
  readonly subject?: string;
  readonly habits?: Habits;
  /** Default: green, where anybody watches it; null: nobody does. */
  readonly page?: StatusState | null;
  /** What a look at each upstream finds; default: all is well. null: nobody looks. */
  readonly canary?: ((upstream: string) => Found) | null;
}

/** One kind of situation. */
export interface Kind {
  readonly name: string;
  readonly draft: (random: Random) => Draft;
}

export const foundWell: Found = { status: 200, problem: null };

/** A look that was answered with an error. */
export function foundStatus(status: number): Found {
  return { status, problem: `status ${status}` };
}

/** A look that no answer came to. @param problem a code, or words of ours */
export function foundNothing(problem: string): Found {
  return { status: null, problem };
}

/** Plays a draft's traffic and looks. */
export function scenarioOf({ name, draft }: Kind, seed: number, random: Random): Scenario {
  const drawn = draft(random);
  const { setting, trouble, right, story } = drawn;
  return {
    ...{ name, seed, story, right, atMs: setting.atMs },
    events: play(setting, trouble, random, drawn.habits),
    page: drawn.page === undefined ? usualPage(random, setting.atMs) : drawn.page,
    canaries: canariesOf(drawn, random),
    ...(drawn.subject === undefined ? {} : { subject: drawn.subject }),
  };
}

/** Some watch no page, and some are shown a challenge instead of it. */
function usualPage(random: Random, atMs: number): StatusState | null {
  if (chance(random, 0.15)) return null;
  const page = greenPage(random, atMs);
  return chance(random, 0.1) ? { ...page, problem: 'status.claude.com: it answered 405' } : page;
}

function canariesOf({ setting, canary }: Draft, random: Random): Canary[] {
  // A gateway that is asked twice in a row has looked only once; some have no look at all.
  if (canary === null || chance(random, 0.2)) return [];
  const atMs = setting.atMs - Math.floor(between(random, 500, 6_000));
  return setting.upstreams.map((upstream) => {
    const found = canary?.(upstream) ?? foundWell;
    const skewMs = found.status === null ? null : Math.round(between(random, -1_500, 1_500));
    const totalMs = found.problem?.startsWith('no answer') ? 5_000 : scaled(random, 20, 900);
    return { upstream, atMs, totalMs, clockSkewMs: skewMs, ...found };
  });
}
