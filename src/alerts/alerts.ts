import { type Clock, wait } from '../core/clock.ts';
import type { Observer } from '../core/events.ts';
import type { Random } from '../core/random.ts';
import type { Signal } from './alert.ts';
import { AlertBoard } from './board.ts';
import { type AlertTarget, Courier } from './courier.ts';
import { charactersMax, queueLookMs } from './limits.ts';
import { breakerSignal, queueSignal, spendingSignal } from './signals.ts';

export interface AlertsOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Told, in a sentence, that a target takes nothing any more, and that it does again. */
  readonly report: (sentence: string) => void;
}

/** Everything between what happens and those who are told of it. */
export class Alerts {
  readonly #options: AlertsOptions;
  readonly #board: AlertBoard;
  readonly #stopped = new AbortController();
  #couriers: readonly Courier[] = [];
  /** Until the first spend limit, successes end nothing and need not be looked at. */
  #sawSpendLimit = false;

  constructor(options: AlertsOptions) {
    this.#options = options;
    const send = (notice: Parameters<Courier['carry']>[0]) => {
      for (const courier of this.#couriers) courier.carry(notice);
    };
    this.#board = new AlertBoard({ clock: options.clock, random: options.random, send });
  }

  /** Watches the engine: breakers and spend limits. */
  get observer(): Observer {
    return {
      attempt: (event) => {
        this.#sawSpendLimit ||= event.failure === 'spend-limit';
        if (this.#sawSpendLimit) this.take(spendingSignal(event));
      },
      breaker: (event) => this.take(breakerSignal(event)),
    };
  }

  /** What has been told and is not resolved. */
  get open(): readonly Signal[] {
    return this.#board.open;
  }

  /** Takes what a source says; null is nothing. */
  take(signal: Signal | null): void {
    if (signal !== null) this.#board.take(presentable(signal));
  }

  /** Another engine serves from now on: its breakers begin anew, and nobody would tell of those before. */
  engineReplaced(): void {
    for (const { kind, subject } of this.#board.troubled) {
      if (kind === 'breaker') this.take(breakerSignal({ route: subject.slice('breaker '.length), state: 'closed' }));
    }
  }

  /** From now on these are told. What was not delivered yet goes to the one of the same name. */
  use(targets: readonly AlertTarget[]): void {
    const left = new Map(this.#couriers.map((courier) => [courier.name, courier.close()]));
    this.#couriers = targets.map((target) => new Courier(target, this.#options));
    for (const courier of this.#couriers) for (const notice of left.get(courier.name) ?? []) courier.carry(notice);
  }

  /**
   * Looks at the age of the oldest item of a queue from time to time, until it is closed.
   * @param ageMs resolves to null where nothing waits; a failure says nothing
   * @param ageMsMax is asked each time: a reload may change it
   */
  async watchQueue(ageMs: () => Promise<number | null>, ageMsMax: () => number): Promise<void> {
    while (await wait(this.#options.clock, queueLookMs, this.#stopped.signal)) {
      const age = await ageMs().catch(() => undefined);
      if (age !== undefined) this.take(queueSignal(age, ageMsMax()));
    }
  }

  close(): void {
    this.#stopped.abort();
    this.#board.close();
    for (const courier of this.#couriers) courier.close();
  }
}

/**
 * One line each, and not too long: callers name the models, the page names the incidents, and both
 * end up on terminals, in subjects of mail and in Slack.
 */
function presentable(signal: Signal): Signal {
  const line = (text: string, lengthMax: number) => {
    const clean = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');
    return clean.length > lengthMax ? `${clean.slice(0, lengthMax - 1)}…` : clean;
  };
  return {
    ...signal,
    subject: line(signal.subject, charactersMax.subject),
    title: line(signal.title, charactersMax.title),
    text: line(signal.text, charactersMax.text),
  };
}
