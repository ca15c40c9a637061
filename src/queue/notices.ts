import type { Clock } from '../core/clock.ts';
import type { Secret } from '../core/secret.ts';
import { postWebhook } from '../notice/post-webhook.ts';
import { type Store, writeOne } from '../store/store.ts';
import {
  noticeAgainMs,
  noticeAgeMs,
  noticeLeaseMs,
  noticeStopMs,
  noticesMax,
  noticeTriesMax,
  pollMs,
} from './limits.ts';
import { Rounds } from './rounds.ts';
import { viewOf, viewSql } from './views.ts';

/** Where notices go. */
export interface NoticeTarget {
  readonly url: Secret;
  readonly secret: Secret | null;
  readonly allowPrivate: boolean;
}

/**
 * Tells a webhook that a queued batch has ended: its id and its counts, nothing of what was asked or
 * answered. The end of a batch and the notice due are one write, so no crash is between them; a
 * notice is delivered at least once, always under the same `webhook-id`.
 */
export class Notices {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #rounds: Rounds;
  #target: NoticeTarget | null = null;
  /** Breaks off what is under way. */
  readonly #broken = new AbortController();
  delivered = 0;
  failed = 0;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    this.#rounds = new Rounds(clock, () => this.#once());
  }

  /** Where notices go from now on; null: nowhere. */
  use(target: NoticeTarget | null): void {
    this.#target = target;
    this.wake();
  }

  /** There may be notices due. */
  wake(): void {
    this.#rounds.wake();
  }

  /** Lets deliveries that are under way end for a moment; the others go out another time. Resolves when that is written down. */
  async stop(): Promise<void> {
    const timer = this.#clock.after(noticeStopMs, () => this.#broken.abort());
    await this.#rounds.stop();
    this.#clock.cancel(timer);
  }

  async #once(): Promise<number> {
    const target = this.#target;
    if (target === null) return pollMs;
    const due = await this.#claim();
    if (due.length === noticesMax) this.wake();
    // One that the store cannot tell of is due again when its lease is over; the others are waited for.
    await Promise.all(due.map(({ id, tries }) => this.#deliver(target, id, tries).catch(() => {})));
    return pollMs;
  }

  /** Takes what is due, for as long as a delivery may take: of several gateways one delivers. */
  async #claim(): Promise<{ id: string; tries: number }[]> {
    const rows = await writeOne(this.#store, {
      sql: `WITH due AS MATERIALIZED (
                SELECT id FROM queue_batches
                WHERE notice_at <= rt_now() AND notice_at > rt_now() - ${noticeAgeMs}
                ORDER BY notice_at LIMIT ${noticesMax} {skip_locked})
              UPDATE queue_batches SET notice_at = rt_now() + ${noticeLeaseMs}, notice_tries = notice_tries + 1
              WHERE id IN (SELECT id FROM due) AND notice_at <= rt_now() RETURNING id, notice_tries`,
      values: [],
    });
    return rows.map((row) => ({ id: String(row.id), tries: Number(row.notice_tries) }));
  }

  async #deliver(target: NoticeTarget, batchId: string, tries: number): Promise<void> {
    const body = await this.#bodyOf(batchId);
    // Deleted meanwhile: there is nothing to be told.
    if (body === null) return;
    const id = `${batchId}.ended`;
    const outcome = await postWebhook({ ...target, id, body }, this.#clock, this.#broken.signal).catch(
      (error: unknown) => error,
    );
    const answer = typeof outcome === 'object' && outcome !== null && 'status' in outcome ? outcome : null;
    const status = typeof answer?.status === 'number' ? answer.status : 0;
    if (status >= 200 && status < 300) {
      this.delivered++;
      return this.#settle(batchId, null);
    }
    const isLast = tries >= noticeTriesMax || status === 410;
    if (isLast) this.failed++;
    await this.#settle(
      batchId,
      isLast ? null : Math.min(noticeAgainMs.first * 2 ** (tries - 1), noticeAgainMs.largest),
    );
  }

  /** @param againMs null: it is done with */
  async #settle(id: string, againMs: number | null): Promise<void> {
    await this.#store.write([
      againMs === null
        ? { sql: 'UPDATE queue_batches SET notice_at = NULL WHERE id = $1', values: [id] }
        : { sql: 'UPDATE queue_batches SET notice_at = rt_now() + $2 WHERE id = $1', values: [id, againMs] },
    ]);
  }

  async #bodyOf(id: string): Promise<string | null> {
    const [row] = await this.#store.read({ sql: viewSql('id = $1', 'b.created_at'), values: [id] });
    if (row === undefined) return null;
    const { counts, endedAtMs } = viewOf(row);
    const timestamp = new Date(endedAtMs ?? this.#clock.now()).toISOString();
    return JSON.stringify({ type: 'ridethrough.batch.ended', timestamp, data: { id, request_counts: counts } });
  }
}
