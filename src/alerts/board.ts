import type { Clock, Timer } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import type { AlertLine, Level, Notice, Signal } from './alert.ts';
import { forgetMs, gatherMs, noticeGapMs, restMs, subjectsMax, updateGapMs } from './limits.ts';

interface Subject {
  signal: Signal;
  /** When it got worse than it had been told, or changed. */
  changedAtMs: number;
  sinceMs: number;
  /** null: nobody has been told of it. */
  told: { readonly level: Level; readonly state: string; readonly atMs: number } | null;
  /** Since when it has been well; null while it is not. */
  wellSinceMs: number | null;
  /** How often it came back before it was forgotten. */
  returns: number;
}

const rank: Readonly<Record<Level, number>> = { ok: 0, warning: 1, critical: 2 };

/**
 * Decides what is told when. One alert a subject:
 *
 * ```
 * unknown ─ trouble ─▶ open, told as `opened` with the next notice
 * open ─ worse ─▶ `updated` with the next notice; ─ otherwise new ─▶ `updated`, five minutes after the last word
 * open ─ well ─▶ resting ─ well for its whole rest ─▶ `resolved`, remembered for an hour
 * resting ─ trouble ─▶ open, the next rest is twice as long
 * ```
 *
 * What ended before anybody was told is not told. A notice gathers all that is due; so a flapping
 * subject, or a storm of subjects, brings a bounded number of messages.
 */
export class AlertBoard {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #send: (notice: Notice) => void;
  readonly #subjects = new Map<string, Subject>();
  #omitted = new Set<string>();
  #lastNoticeAtMs = Number.NEGATIVE_INFINITY;
  #timer: Timer | null = null;
  #closed = false;

  constructor(options: { clock: Clock; random: Random; send: (notice: Notice) => void }) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#send = options.send;
  }

  /** What has been told and is not resolved, in no order. */
  get open(): readonly Signal[] {
    return [...this.#subjects.values()].flatMap(({ signal, told }) => (told === null ? [] : signal));
  }

  /** What is not well now, told or not, in no order. */
  get troubled(): readonly Signal[] {
    return [...this.#subjects.values()].flatMap(({ signal, wellSinceMs }) => (wellSinceMs === null ? signal : []));
  }

  /** Takes what a source says. The same may be said any number of times. */
  take(signal: Signal): void {
    const nowMs = this.#clock.now();
    const known = this.#subjects.get(signal.subject);
    if (signal.level === 'ok') {
      this.#omitted.delete(signal.subject);
      if (known === undefined || known.wellSinceMs !== null) return;
      known.wellSinceMs = nowMs;
      // The words of the end go out with it, those of the trouble's level are kept until then.
      known.signal = { ...signal, level: known.signal.level };
    } else if (known === undefined) this.#add(signal, nowMs);
    else this.#change(known, signal, nowMs);
    this.#arm();
  }

  /** Stops; nothing more is told. */
  close(): void {
    this.#closed = true;
    if (this.#timer !== null) this.#clock.cancel(this.#timer);
    this.#timer = null;
  }

  #add(signal: Signal, nowMs: number): void {
    if (this.#subjects.size >= subjectsMax && !this.#makeRoom()) {
      // The names of those that found no room are bounded like the rest.
      if (this.#omitted.size < subjectsMax) this.#omitted.add(signal.subject);
      return;
    }
    const fresh = { changedAtMs: nowMs, sinceMs: nowMs, told: null, wellSinceMs: null, returns: 0 };
    this.#subjects.set(signal.subject, { signal, ...fresh });
  }

  #change(subject: Subject, signal: Signal, nowMs: number): void {
    const { wellSinceMs, told } = subject;
    if (wellSinceMs !== null) {
      const wellMs = nowMs - wellSinceMs;
      subject.returns = wellMs > forgetMs ? 0 : subject.returns + 1;
      subject.wellSinceMs = null;
      // What comes and goes within seconds is one trouble, and has been there since it first came.
      if (told === null && wellMs >= restMs.first) Object.assign(subject, { sinceMs: nowMs, changedAtMs: nowMs });
    } else if (signal.state !== subject.signal.state || signal.level !== subject.signal.level) {
      subject.changedAtMs = nowMs;
    }
    subject.signal = signal;
  }

  /** Those that are well and owe nobody a word may go. */
  #makeRoom(): boolean {
    for (const [name, { told, wellSinceMs }] of this.#subjects) {
      if (told === null && wellSinceMs !== null) return this.#subjects.delete(name);
    }
    return false;
  }

  /** When something about it has to be told; Infinity: nothing has. */
  #dueAtMs({ signal, told, changedAtMs, wellSinceMs, returns }: Subject): number {
    if (wellSinceMs !== null) {
      return told === null
        ? Number.POSITIVE_INFINITY
        : wellSinceMs + Math.min(restMs.first * 2 ** returns, restMs.largest);
    }
    if (told === null) return changedAtMs + gatherMs;
    if (signal.level === told.level && signal.state === told.state) return Number.POSITIVE_INFINITY;
    const isWorse = rank[signal.level] > rank[told.level];
    return Math.max(changedAtMs + gatherMs, isWorse ? 0 : told.atMs + updateGapMs);
  }

  #arm(): void {
    if (this.#timer !== null) this.#clock.cancel(this.#timer);
    this.#timer = null;
    if (this.#closed) return;
    let atMs = Number.POSITIVE_INFINITY;
    for (const subject of this.#subjects.values()) atMs = Math.min(atMs, this.#dueAtMs(subject));
    if (atMs === Number.POSITIVE_INFINITY) return;
    const delayMs = Math.max(atMs, this.#lastNoticeAtMs + noticeGapMs) - this.#clock.now();
    this.#timer = this.#clock.after(delayMs, () => {
      this.#timer = null;
      this.#tell();
      this.#arm();
    });
  }

  #tell(): void {
    const nowMs = this.#clock.now();
    const lines: AlertLine[] = [];
    for (const subject of this.#subjects.values()) {
      if (this.#dueAtMs(subject) > nowMs) continue;
      const { signal, sinceMs, told, wellSinceMs } = subject;
      const change = wellSinceMs !== null ? 'resolved' : told === null ? 'opened' : 'updated';
      lines.push({ ...signal, change, sinceMs });
      subject.told = change === 'resolved' ? null : { level: signal.level, state: signal.state, atMs: nowMs };
    }
    if (lines.length === 0) return;
    this.#lastNoticeAtMs = nowMs;
    lines.sort((a, b) => weight(b) - weight(a));
    const omitted = this.#omitted.size;
    this.#omitted = new Set();
    this.#send({ id: `alert_${this.#random.id()}`, atMs: nowMs, lines, omitted });
  }
}

/** Trouble before its end, the worst first. */
function weight({ change, level }: AlertLine): number {
  return change === 'resolved' ? 0 : rank[level];
}
