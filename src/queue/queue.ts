import type { Priority, RawHeaders } from '../core/call.ts';

/**
 * What becomes of one queued request.
 *
 * ```
 * waiting ─ claim ─▶ running ─┬─▶ succeeded | errored
 *    ▲  │               │     └─▶ quarantined   may have been billed, and its answer is lost
 *    │  │ offload       └─▶ waiting             nothing was billed: the lease ran out, or it failed in passing
 *    │  └──────▶ offloaded ─▶ succeeded | errored | waiting
 *    └── retry ── quarantined | errored | expired
 * waiting | running | offloaded ─▶ canceled | expired
 * ```
 */
export const itemStates = [
  'waiting',
  'running',
  'offloaded',
  'succeeded',
  'errored',
  'canceled',
  'expired',
  'quarantined',
] as const;
export type ItemState = (typeof itemStates)[number];

/** One request to be kept. */
export interface NewItem {
  /** The `ridethrough-id` of the call, or one made for it. */
  readonly id: string;
  /** Unique within its batch: `^[a-zA-Z0-9_-]{1,64}$`. */
  readonly customId: string;
  /** Path and query: `/v1/messages?beta=true`. */
  readonly path: string;
  /** End-to-end headers without credentials. */
  readonly headers: RawHeaders;
  /** The JSON body of a Messages request, as the caller sent it. */
  readonly body: Uint8Array;
  readonly model: string;
  readonly priority: Priority;
}

/** One or more requests that are read together, under one id, as a batch of the Batches API. */
export interface NewBatch {
  /** `msgbatch_rt_…`. */
  readonly id: string;
  /** Who may read and cancel it: see `Identity`. */
  readonly scope: string;
  /** What it is sent with: see `Identity`. */
  readonly credential: string;
  /** After this time what is not done is `expired`. */
  readonly expiresInMs: number;
  /** The drain leaves it alone for so long, because it may be offloaded at half the price; default 0. */
  readonly heldMs?: number;
  readonly items: readonly NewItem[];
}

/** Counts as the Batches API gives them: until the batch has ended every item is `processing`. They add up to the number of items. */
export interface BatchCounts {
  readonly processing: number;
  readonly succeeded: number;
  readonly errored: number;
  readonly canceled: number;
  readonly expired: number;
}

/** A batch as it stands, of whatever scope. Instants are milliseconds by the database's clock. */
export interface BatchView {
  readonly id: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** null while anything in it is open. */
  readonly endedAtMs: number | null;
  readonly cancelInitiatedAtMs: number | null;
  /** Its results have been purged after their retention. */
  readonly archivedAtMs: number | null;
  readonly counts: BatchCounts;
}

/** One line of results: the `result` member as the Batches API writes it, JSON text. */
export interface ItemResult {
  readonly customId: string;
  readonly result: string;
}

/** Where a page of a list begins: behind a batch (older ones) or before it (newer ones). */
export interface PageAt {
  readonly createdAtMs: number;
  readonly id: string;
}

/**
 * The callers' side of the queue: what the Batches API shows of it. Every read is scoped: a batch
 * of another scope is null, as if it did not exist.
 */
export interface Desk {
  /** Keeps a batch; durable once it resolves. `full`: a quota or the queue's bound is reached, and nothing was kept. */
  put(batch: NewBatch): Promise<'kept' | 'full'>;
  batch(id: string, scope: string): Promise<BatchView | null>;
  /** Newest first, `limit` at most. */
  batches(
    scope: string,
    page: { readonly after?: PageAt; readonly before?: PageAt; readonly limit: number },
  ): Promise<readonly BatchView[]>;
  /** In any order; null while the batch has not ended, is archived or is not the scope's. */
  results(id: string, scope: string): Promise<AsyncIterable<ItemResult> | null>;
  /** Cancels what has not begun; what runs may still end. null: not the scope's. */
  cancel(id: string, scope: string): Promise<BatchView | null>;
  /** Deletes an ended batch with its results. `open`: it has not ended. null: not the scope's. */
  remove(id: string, scope: string): Promise<'removed' | 'open' | null>;
}
