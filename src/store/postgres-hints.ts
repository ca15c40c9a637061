import { Client, type ClientConfig } from 'pg';
import type { Clock, Timer } from '../core/clock.ts';
import { reconnectMs } from './bounds.ts';
import { Hints } from './hints.ts';
import type { PostgresPool } from './postgres-pool.ts';

const channel = 'ridethrough_hints';
const notify = `SELECT pg_notify('${channel}', topic) FROM unnest($1::text[]) AS topic`;

/**
 * Hints over LISTEN and NOTIFY. Listening takes a connection of its own, made when somebody listens
 * for the first time; it comes back by itself, and then everybody is told to look, because of what
 * may have been missed.
 */
export class PostgresHints {
  readonly #pool: PostgresPool;
  readonly #config: ClientConfig;
  readonly #clock: Clock;
  readonly #hints = new Hints();
  readonly #unsent = new Set<string>();
  #sending = false;
  #client: Client | null = null;
  #timer: Timer | null = null;
  #delayMs: number = reconnectMs.first;
  #state: 'idle' | 'listening' | 'closed' = 'idle';

  constructor(pool: PostgresPool, config: ClientConfig, clock: Clock) {
    this.#pool = pool;
    this.#config = config;
    this.#clock = clock;
  }

  add(topic: string, listener: () => void): () => void {
    if (this.#state === 'idle') {
      this.#state = 'listening';
      void this.#connect();
    }
    return this.#hints.add(topic, listener);
  }

  /** Topics that gather while one notification is under way go together, each once. */
  tell(topic: string): void {
    this.#unsent.add(topic);
    if (!this.#sending) void this.#send();
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    this.#unsent.clear();
    this.#hints.clear();
    if (this.#timer !== null) this.#clock.cancel(this.#timer);
    await this.#client?.end().catch(() => {});
  }

  async #send(): Promise<void> {
    this.#sending = true;
    while (this.#unsent.size > 0) {
      const topics = [...this.#unsent];
      this.#unsent.clear();
      // A hint that gets lost is made up for by whoever polls.
      await this.#pool.use((client) => client.query(notify, [topics])).catch(() => {});
    }
    this.#sending = false;
  }

  async #connect(): Promise<void> {
    const client = new Client(this.#config);
    this.#client = client;
    client.on('notification', ({ payload }) => this.#hints.tell(payload ?? ''));
    client.on('error', () => {});
    client.once('end', () => this.#connectLater());
    try {
      await client.connect();
      await client.query(`LISTEN ${channel}`);
      this.#delayMs = reconnectMs.first;
      this.#hints.tellAll();
    } catch {
      // Its end follows, and begins the next one.
      await client.end().catch(() => {});
    }
  }

  #connectLater(): void {
    if (this.#state === 'closed') return;
    this.#timer = this.#clock.after(this.#delayMs, () => void this.#connect());
    this.#delayMs = Math.min(2 * this.#delayMs, reconnectMs.largest);
  }
}
