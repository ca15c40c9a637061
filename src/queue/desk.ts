import type { Clock } from '../core/clock.ts';
import { TimeSlice } from '../core/time-slice.ts';
import type { Row, Store } from '../store/store.ts';
import { cancelItems } from './cancel.ts';
import { resultsPage } from './limits.ts';
import { putStatements } from './put.ts';
import type { BatchView, Desk, ItemResult, NewBatch, PageAt } from './queue.ts';
import { resultOf } from './results.ts';
import type { Tally } from './tally.ts';
import { endBatches } from './upkeep.ts';
import type { Usage } from './usage.ts';
import type { Vault } from './vault.ts';
import { viewOf, viewSql } from './views.ts';

/** The topic on which the store tells that there is work. */
export const workTopic = 'queue';

/** The queue as its callers see it, in the database. */
export class StoreDesk implements Desk {
  readonly #store: Store;
  readonly #vault: Vault;
  readonly #usage: Usage;
  readonly #tally: Tally;
  readonly #clock: Clock;

  constructor(store: Store, vault: Vault, usage: Usage, tally: Tally, clock: Clock) {
    this.#store = store;
    this.#vault = vault;
    this.#usage = usage;
    this.#tally = tally;
    this.#clock = clock;
  }

  async put(batch: NewBatch): Promise<'kept' | 'full'> {
    const bytes = batch.items.reduce((sum, { body }) => sum + body.length, 0);
    if (!(await this.#usage.take(batch.scope, batch.items.length, bytes))) {
      this.#tally.full++;
      return 'full';
    }
    await this.#store.write(await putStatements(this.#vault, batch, new TimeSlice(this.#clock)));
    this.#tally.kept += batch.items.length;
    this.#store.hint(workTopic);
    return 'kept';
  }

  async batch(id: string, scope: string): Promise<BatchView | null> {
    const rows = await this.#store.read({
      sql: viewSql('id = $1 AND scope = $2', 'b.created_at'),
      values: [id, scope],
    });
    return rows[0] === undefined ? null : viewOf(rows[0]);
  }

  async batches(
    scope: string,
    { after, before, limit }: { readonly after?: PageAt; readonly before?: PageAt; readonly limit: number },
  ): Promise<readonly BatchView[]> {
    const at = after ?? before;
    const beyond = at === undefined ? 'true' : `(created_at, id) ${after === undefined ? '>' : '<'} ($3, $4)`;
    // The page before a cursor is the one nearest to it, so it is read from there.
    const direction = before === undefined ? 'DESC' : 'ASC';
    const page = `scope = $1 AND ${beyond} ORDER BY created_at ${direction}, id ${direction} LIMIT $2`;
    const rows = await this.#store.read({
      sql: viewSql(page, 'b.created_at DESC, b.id DESC'),
      values: [scope, limit, ...(at === undefined ? [] : [at.createdAtMs, at.id])],
    });
    return rows.map(viewOf);
  }

  async results(id: string, scope: string): Promise<AsyncIterable<ItemResult> | null> {
    const view = await this.batch(id, scope);
    return view === null || view.endedAtMs === null || view.archivedAtMs !== null ? null : this.#pages(id);
  }

  async *#pages(id: string): AsyncGenerator<ItemResult> {
    let rows: readonly Row[];
    let last = '';
    do {
      rows = await this.#store.read({
        // In the order of an index: by another, each page would sort the whole batch.
        sql: `SELECT id, custom_id, state, result FROM queue_items WHERE batch_id = $1 AND custom_id > $2
              ORDER BY custom_id LIMIT ${resultsPage}`,
        values: [id, last],
      });
      for (const row of rows) yield { customId: String(row.custom_id), result: resultOf(this.#vault, row) };
      last = String(rows.at(-1)?.custom_id ?? '');
    } while (rows.length === resultsPage);
  }

  async cancel(id: string, scope: string): Promise<BatchView | null> {
    await cancelItems(this.#store, id, scope);
    await endBatches(this.#store, id);
    return this.batch(id, scope);
  }

  async remove(id: string, scope: string): Promise<'removed' | 'open' | null> {
    const mine = 'id = $1 AND scope = $2 AND ended_at IS NOT NULL';
    const [, removed] = await this.#store.write([
      {
        sql: `DELETE FROM queue_items WHERE batch_id = $1 AND EXISTS (SELECT 1 FROM queue_batches WHERE ${mine})`,
        values: [id, scope],
      },
      { sql: `DELETE FROM queue_batches WHERE ${mine} RETURNING id`, values: [id, scope] },
    ]);
    if (removed?.length === 1) return 'removed';
    return (await this.batch(id, scope)) === null ? null : 'open';
  }
}
