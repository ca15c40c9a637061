import { type Store, writeOne } from '../store/store.ts';

/** A condition on an item: nobody wants it any more. */
const isCanceled =
  'EXISTS (SELECT 1 FROM queue_batches b WHERE b.id = queue_items.batch_id AND b.cancel_at IS NOT NULL)';

/**
 * What an update of an item sets that was taken and is not done. Once its batch has been canceled it ends: as
 * `canceled`, which the API says of what was not billed, or as an error where its answer was lost.
 * @param otherwise an expression: its state where it is still wanted
 * @param mayBeBilled a condition
 */
export function givenBack(otherwise: string, mayBeBilled: string): string {
  return `state = CASE WHEN NOT ${isCanceled} THEN ${otherwise} WHEN ${mayBeBilled} THEN 'errored' ELSE 'canceled' END,
    ended_at = CASE WHEN ${isCanceled} THEN rt_now() ELSE NULL END,
    request = CASE WHEN ${isCanceled} THEN NULL ELSE request END`;
}

/**
 * Cancels what has not begun, for good; what is under way may still end. The batch is not ended by it: see `endBatches`.
 * @param id of a batch, or of one item
 * @param scope whose it has to be; null: anybody's
 * @returns how many items @throws StoreError
 */
export async function cancelItems(store: Store, id: string, scope: string | null): Promise<number> {
  const values = [id, scope ?? ''];
  const mine = "($2 = '' OR scope = $2)";
  // First the mark, and for itself: what is given back meanwhile finds it.
  await writeOne(store, {
    sql: `UPDATE queue_batches SET cancel_at = rt_now() WHERE id = $1 AND ${mine} AND cancel_at IS NULL AND ended_at IS NULL`,
    values,
  });
  const rows = await writeOne(store, {
    sql: `UPDATE queue_items SET state = CASE state WHEN 'waiting' THEN 'canceled' ELSE 'errored' END,
              ended_at = rt_now(), request = NULL
            WHERE (id = $1 OR batch_id = $1) AND ${mine} AND state IN ('waiting', 'quarantined') RETURNING id`,
    values,
  });
  return rows.length;
}
