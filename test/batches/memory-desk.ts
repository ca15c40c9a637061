import type { Clock } from '../../src/core/clock.ts';
import type { BatchCounts, BatchView, Desk, ItemResult, NewBatch } from '../../src/queue/queue.ts';

interface Kept {
  readonly batch: NewBatch;
  view: BatchView;
  readonly results: ItemResult[];
}

const none: BatchCounts = { processing: 0, succeeded: 0, errored: 0, canceled: 0, expired: 0 };
const newestFirst = (a: BatchView, b: BatchView) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : -1);

/** A desk without a database, with a hand on what becomes of the items. */
export class MemoryDesk implements Desk {
  readonly #clock: Clock;
  readonly kept = new Map<string, Kept>();
  /** What `put` answers. */
  full = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ends a batch with these results; what has none is canceled. */
  end(id: string, results: readonly ItemResult[]): void {
    const kept = this.#get(id);
    kept.results.push(...results);
    const counts: Record<keyof BatchCounts, number> = { ...none, canceled: kept.batch.items.length - results.length };
    for (const { result } of results) counts[JSON.parse(result).type as keyof BatchCounts]++;
    kept.view = { ...kept.view, counts, endedAtMs: this.#clock.now() };
  }

  async put(batch: NewBatch): Promise<'kept' | 'full'> {
    if (this.full) return 'full';
    const nowMs = this.#clock.now();
    const view = {
      id: batch.id,
      createdAtMs: Math.floor(nowMs),
      expiresAtMs: Math.floor(nowMs + batch.expiresInMs),
      endedAtMs: null,
      cancelInitiatedAtMs: null,
      archivedAtMs: null,
      counts: { ...none, processing: batch.items.length },
    };
    this.kept.set(batch.id, { batch, view, results: [] });
    return 'kept';
  }

  async batch(id: string, scope: string): Promise<BatchView | null> {
    return this.#scoped(id, scope)?.view ?? null;
  }

  async batches(scope: string, page: Parameters<Desk['batches']>[1]): Promise<readonly BatchView[]> {
    const { after, before, limit } = page;
    const views = [...this.kept.values()].filter(({ batch }) => batch.scope === scope).map(({ view }) => view);
    views.sort(newestFirst);
    if (before !== undefined) return views.filter((view) => isBefore(view, before)).slice(-limit);
    return views.filter((view) => after === undefined || isBefore(after, view)).slice(0, limit);
  }

  async results(id: string, scope: string): Promise<AsyncIterable<ItemResult> | null> {
    const kept = this.#scoped(id, scope);
    if (kept === null || kept.view.endedAtMs === null) return null;
    return (async function* () {
      yield* kept.results;
    })();
  }

  async cancel(id: string, scope: string): Promise<BatchView | null> {
    const kept = this.#scoped(id, scope);
    if (kept !== null && kept.view.endedAtMs === null) {
      kept.view = { ...kept.view, cancelInitiatedAtMs: Math.floor(this.#clock.now()) };
    }
    return kept?.view ?? null;
  }

  async remove(id: string, scope: string): Promise<'removed' | 'open' | null> {
    const kept = this.#scoped(id, scope);
    if (kept === null) return null;
    if (kept.view.endedAtMs === null) return 'open';
    this.kept.delete(id);
    return 'removed';
  }

  #get(id: string): Kept {
    const kept = this.kept.get(id);
    if (kept === undefined) throw new Error(`no batch ${id}`);
    return kept;
  }

  #scoped(id: string, scope: string): Kept | null {
    const kept = this.kept.get(id);
    return kept?.batch.scope === scope ? kept : null;
  }
}

interface Place {
  readonly createdAtMs: number;
  readonly id: string;
}

/** In the list, newest first. */
function isBefore(a: Place, b: Place): boolean {
  return a.createdAtMs > b.createdAtMs || (a.createdAtMs === b.createdAtMs && a.id > b.id);
}
