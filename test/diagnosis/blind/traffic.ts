import type { AttemptReason } from '../../../src/core/events.ts';
import { defaultLimits } from '../../../src/core/limits.ts';
import type { Random } from '../../../src/core/random.ts';
import { CircuitBreaker } from '../../../src/policies/circuit-breaker.ts';
import { Cooldown } from '../../../src/policies/cooldown.ts';
import { type Answer, recorded, unreached, whole200 } from './answers.ts';
import { CallPlay } from './call-play.ts';
import { chance, pick } from './chance.ts';
import type { BlindEvent } from './scenario.ts';
import type { Caller, Setting } from './setting.ts';
import { Timeline } from './timeline.ts';

/** What is asked of an upstream. */
export interface Ask {
  readonly atMs: number;
  readonly upstream: string;
  readonly model: string;
  readonly credential: string;
  readonly caller: string;
  /** The same for all attempts of a call. */
  readonly callId: string;
  readonly reason: AttemptReason;
}

/** What the trouble makes of an attempt that begins while it lasts; null: nothing. */
export type Trouble = (ask: Ask, random: Random) => Answer | null;

/** What traffic is like beyond its setting. */
export interface Habits {
  /** When the trouble ended; default: it lasts. */
  readonly endedAtMs?: number;
  /** Share of calls that are left by their caller before they end; default 0.3 %. */
  readonly leaving?: (atMs: number) => number;
  /** How the gateway itself ends a call that has just come; null: it does not. Default: never. */
  readonly refusing?: (atMs: number, random: Random) => 'shed' | 'drain' | null;
  /** When calls and attempts under way are cut by the drain; default: never. */
  readonly cutAtMs?: number;
  /** When calls come; default: at random. */
  readonly arrivals?: readonly number[];
  /** Retries a call; default: the engine's. */
  readonly retries?: number;
  /** Chooses the model of a call; default: mostly the caller's first. */
  readonly model?: (caller: Caller, atMs: number, random: Random) => string;
  /** Chooses the upstream that a call is sent to first; default: the first. */
  readonly upstream?: (caller: Caller, random: Random) => string;
}

/** What keeps calls from a route. */
export interface Lane {
  readonly breaker: CircuitBreaker;
  readonly cooldown: Cooldown;
}

/** How an upstream fails now and then, on the best of days. */
const strays = [
  recorded('500-api-error'),
  recorded('529-one-model-only'),
  unreached('ECONNRESET', 'read ECONNRESET', [130, 250]),
];

/** All that calls and the traffic share. */
export class Traffic {
  readonly setting: Setting;
  readonly habits: Habits;
  readonly clock: Timeline;
  readonly random: Random;
  readonly events: BlindEvent[] = [];
  /** When a key was last accepted, by route and key. */
  readonly worked = new Map<string, number>();
  readonly #trouble: Trouble;
  readonly #lanes = new Map<string, Lane>();

  constructor(setting: Setting, trouble: Trouble, habits: Habits, random: Random) {
    this.setting = setting;
    this.habits = habits;
    this.clock = new Timeline(setting.beganAtMs);
    this.random = random;
    this.#trouble = trouble;
  }

  /** What an upstream answers. */
  answer(ask: Ask): Answer {
    const { setting, habits, random } = this;
    const lasts = ask.atMs >= setting.troubleAtMs && ask.atMs < (habits.endedAtMs ?? Number.POSITIVE_INFINITY);
    const troubled = lasts ? this.#trouble(ask, random) : null;
    if (troubled !== null) return troubled;
    return chance(random, setting.noise) ? pick(random, strays)(random, ask.atMs) : whole200(ask.model, random);
  }

  /** @param key names a route and the key that is shown to it */
  lane(key: string): Lane {
    const known = this.#lanes.get(key);
    if (known !== undefined) return known;
    const { clock, random } = this;
    const made = {
      breaker: new CircuitBreaker(defaultLimits.breaker, clock, random),
      cooldown: new Cooldown(clock),
    };
    this.#lanes.set(key, made);
    return made;
  }

  play(): void {
    const { arrivals } = this.habits;
    if (arrivals === undefined) this.#nextCall();
    else for (const atMs of arrivals) this.clock.after(atMs - this.clock.now(), () => this.#call());
    this.clock.runUntil(this.setting.atMs);
  }

  /** Calls come one by one, at random: a Poisson process. */
  #nextCall(): void {
    const gapMs = (-Math.log(1 - this.random.next()) / this.setting.callsPerSecond) * 1000;
    this.clock.after(gapMs, () => {
      this.#call();
      this.#nextCall();
    });
  }

  #call(): void {
    new CallPlay(this, pick(this.random, this.setting.callers)).begin();
  }
}

/** Plays the traffic of a setting through a trouble, with our own retries and breakers. @returns what an observer was told */
export function play(setting: Setting, trouble: Trouble, random: Random, habits: Habits = {}): BlindEvent[] {
  const traffic = new Traffic(setting, trouble, habits, random);
  traffic.play();
  return traffic.events;
}
