import type { Priority } from '../core/call.ts';
import type { TimeSlice } from '../core/time-slice.ts';
import type { SqlValue, Statement } from '../store/store.ts';
import { putGroup } from './limits.ts';
import type { NewBatch, NewItem } from './queue.ts';
import { sealRequest } from './sealed.ts';
import type { Vault } from './vault.ts';

/** How priorities are kept: the smaller goes first. */
export const priorityRank: Readonly<Record<Priority, number>> = { critical: 0, default: 1, sheddable: 2, batch: 3 };

const columns = 'id, batch_id, custom_id, scope, credential, model, priority, bytes, request';

/**
 * Keeps a batch with all its items: one transaction, so that it is there whole or not at all.
 * @param slice sealing 256 MB takes seconds
 */
export async function putStatements(vault: Vault, batch: NewBatch, slice: TimeSlice): Promise<Statement[]> {
  const { id, scope, expiresInMs, items } = batch;
  const statements: Statement[] = [
    {
      sql: 'INSERT INTO queue_batches (id, scope, created_at, expires_at) VALUES ($1, $2, rt_now(), rt_now() + $3)',
      values: [id, scope, Math.round(expiresInMs)],
    },
  ];
  for (const group of groupsOf(items)) statements.push(await itemsStatement(vault, batch, group, slice));
  return statements;
}

/** Items that go in one statement: a database keeps what it is given until the statement has ended. */
function* groupsOf(items: readonly NewItem[]): Generator<readonly NewItem[]> {
  let [from, bytes] = [0, 0];
  for (const [at, { body }] of items.entries()) {
    const isFull = at - from === putGroup.items || bytes + body.length > putGroup.bytes;
    if (isFull && at > from) {
      yield items.slice(from, at);
      [from, bytes] = [at, 0];
    }
    bytes += body.length;
  }
  yield items.slice(from);
}

async function itemsStatement(
  vault: Vault,
  batch: NewBatch,
  items: readonly NewItem[],
  slice: TimeSlice,
): Promise<Statement> {
  const values: SqlValue[] = [Math.round(batch.expiresInMs), batch.heldMs ?? 0];
  const rows: string[] = [];
  for (const item of items) {
    // At each item: five hundred large ones are the whole batch.
    if (slice.isOver) await slice.again();
    const own = [
      item.id,
      batch.id,
      item.customId,
      batch.scope,
      batch.credential,
      item.model,
      priorityRank[item.priority],
      item.body.length,
      sealRequest(vault, item.id, item),
    ];
    const marks = own.map((_, index) => `$${values.length + index + 1}`);
    values.push(...own);
    rows.push(`(${marks.join(', ')}, 'waiting', rt_now(), rt_now() + $1, rt_now() + $2)`);
  }
  return {
    sql: `INSERT INTO queue_items (${columns}, state, created_at, expires_at, ready_at) VALUES ${rows.join(', ')}`,
    values,
  };
}
