import { type Clock, wait } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import type { Notice } from './alert.ts';
import { deliverAgainMs, deliveriesMax, waitingNoticesMax } from './limits.ts';

/** One place that notices go to. */
export interface AlertTarget {
  /** What people call it: `slack`, `webhook`, `email`, `bell`. */
  readonly name: string;
  /** Delivers. @throws DeliveryError why it could not */
  send(notice: Notice): Promise<void>;
  close(): void;
}

/** Why a notice was not delivered: a phrase that follows "because", without addresses and secrets. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  /** True: it will be refused again, however often it is tried. */
  readonly permanent: boolean;
  /** The least wait before the next one, in milliseconds; 0 where none was named. */
  readonly waitMs: number;

  constructor(message: string, options: { permanent?: boolean; waitMs?: number } = {}) {
    super(message);
    this.permanent = options.permanent ?? false;
    this.waitMs = options.waitMs ?? 0;
  }
}

/**
 * Carries notices to one target, in their order, one at a time. What is not taken is tried again
 * with backoff, a bounded number of times; that it was given up is reported once, and so is that
 * the target works again.
 */
export class Courier {
  readonly #target: AlertTarget;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #report: (sentence: string) => void;
  readonly #waiting: Notice[] = [];
  readonly #stopped = new AbortController();
  #busy = false;
  #broken = false;

  constructor(target: AlertTarget, options: { clock: Clock; random: Random; report: (sentence: string) => void }) {
    this.#target = target;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#report = options.report;
  }

  /** Takes a notice over; returns at once. */
  carry(notice: Notice): void {
    this.#waiting.push(notice);
    if (this.#waiting.length > waitingNoticesMax) {
      // The first is under way.
      this.#waiting.splice(1, 1);
      this.#giveUp('too many of them wait');
    }
    if (!this.#busy) void this.#run();
  }

  /** Stops. @returns what was not delivered, for whoever carries on */
  close(): readonly Notice[] {
    this.#stopped.abort();
    this.#target.close();
    return this.#waiting.splice(0);
  }

  get name(): string {
    return this.#target.name;
  }

  async #run(): Promise<void> {
    this.#busy = true;
    for (let notice = this.#waiting[0]; notice !== undefined; notice = this.#waiting[0]) {
      const reason = await this.#deliver(notice);
      if (this.#stopped.signal.aborted) return;
      this.#waiting.shift();
      if (reason !== null) this.#giveUp(reason);
      else if (this.#broken) {
        this.#broken = false;
        this.#report(`Alerts by ${this.#target.name} are delivered again.`);
      }
    }
    this.#busy = false;
  }

  /** @returns why it was given up; null: it was delivered */
  async #deliver(notice: Notice): Promise<string | null> {
    for (let delivery = 1; ; delivery++) {
      try {
        await this.#target.send(notice);
        return null;
      } catch (error) {
        const { message, permanent, waitMs } =
          error instanceof DeliveryError ? error : new DeliveryError('of a bug in this program', { permanent: true });
        if (permanent || delivery === deliveriesMax) return message;
        const { first, largest } = deliverAgainMs;
        const backoffMs = Math.min(first * 2 ** (delivery - 1), largest) * (0.5 + this.#random.next() / 2);
        const delayMs = Math.max(backoffMs, Math.min(waitMs, largest));
        if (!(await wait(this.#clock, delayMs, this.#stopped.signal))) return message;
      }
    }
  }

  #giveUp(reason: string): void {
    if (this.#broken) return;
    this.#broken = true;
    this.#report(
      `An alert by ${this.#target.name} was given up, because ${reason}: \`ridethrough alerts test\` tries it.`,
    );
  }
}
