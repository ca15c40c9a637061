import { seededRandom } from '../../src/core/random.ts';
import { HealthModel } from '../../src/health/model.ts';
import type { HealthState } from '../../src/health/state.ts';
import { VirtualClock } from '../../src/testing/index.ts';
import { endedAttempt } from '../fixtures/events.ts';

/** How one model fares over a time; the other one is well throughout. */
export interface Weather {
  readonly seed: number;
  /** Calls a second for each of the two models. */
  readonly callsPerSecond: number;
  /** Share of failed attempts before the trouble, and after it. */
  readonly calm: number;
  /** Share of failed attempts while the trouble lasts. */
  readonly trouble: number;
  /** How long a failing attempt takes: a hang lasts until its first-byte clock runs out. */
  readonly failureMs: number;
  readonly beginsAtMs: number;
  readonly endsAtMs: number;
  readonly untilMs: number;
}

/** What the model made of it. */
export interface Seen {
  /** Of the model in trouble: each state with the moment at which it was entered. */
  readonly changes: readonly { readonly state: HealthState; readonly atMs: number }[];
  /** Changes of the model that was well. */
  readonly strays: number;
  /** When the n-th failure of the model in trouble ended, and of which call it was. */
  readonly failures: readonly { readonly atMs: number; readonly call: string }[];
  /** The last success before the trouble was named. */
  readonly lastSuccessAtMs: number;
}

const sick = 'claude-opus-5-5';
const well = 'claude-sonnet-5-5';
const callers = 3;
const retriesMax = 5;

/** Plays traffic with retries in virtual time: calls come at random, and failed ones come again after a backoff with jitter. */
export async function play(weather: Weather): Promise<Seen> {
  const { beginsAtMs, endsAtMs } = weather;
  const clock = new VirtualClock();
  const random = seededRandom(weather.seed);
  const originMs = clock.now();
  const changes: { state: HealthState; atMs: number }[] = [];
  const failures: { atMs: number; call: string }[] = [];
  let strays = 0;
  let lastSuccessAtMs = 0;
  const health = new HealthModel(({ route, to, atMs }) => {
    if (route.endsWith(sick)) changes.push({ state: to, atMs: atMs - originMs });
    else strays++;
  });

  const attempt = (model: string, callId: string, caller: string, index: number) => {
    const startedMs = clock.now() - originMs;
    const inTrouble = model === sick && startedMs >= beginsAtMs && startedMs < endsAtMs;
    const failed = random.next() < (inTrouble ? weather.trouble : weather.calm);
    const totalMs = failed ? weather.failureMs : 300 + random.next() * 4_000;
    clock.after(totalMs, () => {
      const failure = failed ? 'overload' : null;
      if (failed && model === sick) failures.push({ atMs: clock.now() - originMs, call: callId });
      // A call that began before the outage may still end well within it.
      else if (model === sick && changes.length === 0) lastSuccessAtMs = clock.now() - originMs;
      health.attempt(endedAttempt({ atMs: clock.now(), totalMs, failure, model, callId, caller, index }));
      if (!failed || index > retriesMax) return;
      const backoffMs = random.next() * Math.min(30_000, 1_000 * 2 ** (index - 1));
      clock.after(backoffMs, () => attempt(model, callId, caller, index + 1));
    });
  };
  const arrivals = (model: string) => {
    clock.after((-Math.log(1 - random.next()) / weather.callsPerSecond) * 1_000, () => {
      attempt(model, random.id(), `caller ${Math.floor(random.next() * callers)}`, 1);
      arrivals(model);
    });
  };
  arrivals(sick);
  arrivals(well);
  await clock.advance(weather.untilMs);
  return { changes, strays, failures, lastSuccessAtMs };
}
