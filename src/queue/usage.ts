import type { Clock } from '../core/clock.ts';
import type { QueueSettings } from '../core/limits.ts';
import type { Store } from '../store/store.ts';
import { usageMs, wholeQueueScopes } from './limits.ts';
import { openStates } from './upkeep.ts';

interface Amount {
  items: number;
  bytes: number;
}

/**
 * What callers keep in the queue, so that none fills it. Counted in the database now and then, and
 * by what was put since: a bound of this kind may be overstepped a little, and must not cost a count each time.
 */
export class Usage {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #settings: () => QueueSettings;
  #amounts = new Map<string, Amount>();
  #countedAtMs = Number.NEGATIVE_INFINITY;

  constructor(store: Store, clock: Clock, settings: () => QueueSettings) {
    this.#store = store;
    this.#clock = clock;
    this.#settings = settings;
  }

  /** Makes room for so much more; false when the caller's quota or the whole queue is full. @throws StoreError */
  async take(scope: string, items: number, bytes: number): Promise<boolean> {
    await this.#refresh();
    const settings = this.#settings();
    const itemsMax = settings.items;
    const bytesMax = settings.megabytes * 2 ** 20;
    const own = this.#amounts.get(scope) ?? { items: 0, bytes: 0 };
    const all = { items: 0, bytes: 0 };
    for (const amount of this.#amounts.values()) {
      all.items += amount.items;
      all.bytes += amount.bytes;
    }
    if (own.items + items > itemsMax || own.bytes + bytes > bytesMax) return false;
    if (all.items + items > itemsMax * wholeQueueScopes || all.bytes + bytes > bytesMax * wholeQueueScopes)
      return false;
    this.#amounts.set(scope, { items: own.items + items, bytes: own.bytes + bytes });
    return true;
  }

  async #refresh(): Promise<void> {
    const now = this.#clock.now();
    if (now - this.#countedAtMs < usageMs) return;
    const rows = await this.#store.read({
      sql: `SELECT scope, count(*) AS items, CAST(sum(bytes) AS BIGINT) AS bytes FROM queue_items
            WHERE state IN (${openStates}) GROUP BY scope`,
      values: [],
    });
    this.#countedAtMs = now;
    this.#amounts = new Map(
      rows.map((row) => [String(row.scope), { items: Number(row.items), bytes: Number(row.bytes) }]),
    );
  }
}
