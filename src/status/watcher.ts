import type { Clock, Timer } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import { StatusBook } from './book.ts';
import { firstLookMs, intervalMsMax, jitterShare } from './limits.ts';
import type { LookAt, Validators } from './look.ts';
import type { StatusPage } from './parse.ts';
import type { StatusChange, StatusState } from './state.ts';
import { readDelivery } from './webhook.ts';

export interface WatcherOptions {
  /** Addresses of one page, in order of preference: `https://status.claude.com`, without a final slash. */
  readonly urls: readonly string[];
  /** Milliseconds between looks; doubles while none of the addresses answers. */
  readonly intervalMs: number;
  readonly lookAt: LookAt;
  readonly clock: Clock;
  readonly random: Random;
}

/** The last page that an address sent, for when it says that nothing has changed. */
interface Copy {
  readonly page: StatusPage;
  readonly validators: Validators;
}

/**
 * Watches the provider's status page: asks the address that answered last, the others if it fails,
 * and takes what webhooks tell. It only ever tells; nothing waits for it.
 */
export class StatusWatcher {
  readonly #options: WatcherOptions;
  readonly #book = new StatusBook();
  readonly #copies = new Map<string, Copy>();
  readonly #listeners = new Set<(change: StatusChange) => void>();
  readonly #stopped = new AbortController();
  #timer: Timer | null = null;
  #misses = 0;

  constructor(options: WatcherOptions) {
    this.#options = options;
  }

  get state(): StatusState {
    return this.#book.state;
  }

  /** Told of everything new, in order. @returns stops telling */
  onChange(listener: (change: StatusChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Begins to look at the page. To be called once. */
  start(): void {
    this.#schedule(firstLookMs);
  }

  /** Ends it: no look is under way afterwards, none will follow. */
  stop(): void {
    this.#stopped.abort();
    if (this.#timer !== null) this.#options.clock.cancel(this.#timer);
    this.#timer = null;
  }

  /**
   * Takes a delivery of the page's webhook, parsed. The same one may come any number of times.
   * @returns false when it is no such delivery
   */
  receive(delivery: unknown): boolean {
    const word = readDelivery(delivery);
    if (word === null) return false;
    const nowMs = this.#options.clock.now();
    if (word.incident !== null) this.#tell(this.#book.hearIncident(word.incident, nowMs));
    if (word.component !== null) this.#tell(this.#book.hearComponent(word.component, nowMs));
    return true;
  }

  /** One look: the addresses in turn, until one answers. */
  async look(): Promise<void> {
    const problems: string[] = [];
    for (const url of this.#inOrder()) {
      const problem = await this.#lookAt(url);
      if (this.#stopped.signal.aborted) return;
      if (problem === null) {
        this.#misses = 0;
        return;
      }
      problems.push(`${new URL(url).host}: ${problem}`);
    }
    this.#misses++;
    this.#book.missed(problems.join('; '));
  }

  /** @returns why it brought nothing; null: it did */
  async #lookAt(url: string): Promise<string | null> {
    const copy = this.#copies.get(url) ?? null;
    const seen = await this.#options.lookAt(url, copy?.validators ?? null, this.#stopped.signal);
    if (this.#stopped.signal.aborted) return null;
    if (seen.kind === 'failed') return seen.problem;
    if (seen.kind === 'page') this.#copies.set(url, seen);
    const page = seen.kind === 'page' ? seen.page : copy?.page;
    // A page that did not change is read again all the same: what vanished from it becomes certain by time.
    if (page !== undefined) this.#tell(this.#book.read(url, page, this.#options.clock.now()));
    return null;
  }

  #inOrder(): string[] {
    const { source } = this.state;
    const others = this.#options.urls.filter((url) => url !== source);
    return source === null ? others : [source, ...others];
  }

  #schedule(delayMs: number): void {
    const { clock, random, intervalMs } = this.#options;
    const jittered = delayMs * (1 + jitterShare * (2 * random.next() - 1));
    const again = () => {
      if (this.#stopped.signal.aborted) return;
      this.#schedule(Math.min(intervalMs * 2 ** this.#misses, Math.max(intervalMs, intervalMsMax)));
    };
    this.#timer = clock.after(jittered, () => {
      this.#timer = null;
      // A listener that throws must end neither the process nor the watch.
      void this.look().then(again, again);
    });
  }

  #tell(changes: readonly StatusChange[]): void {
    for (const change of changes) for (const listener of this.#listeners) listener(change);
  }
}
