import type { Clock, Timer } from '../core/clock.ts';
import { wait } from '../core/clock.ts';
import type { AttemptEvent, CallEvent, Observer } from '../core/events.ts';
import { type Store, StoreError } from '../store/store.ts';
import { Allowance } from './allowance.ts';
import { Backlog, noRows, type Rows, sumOf, type Tally } from './backlog.ts';
import { dropStatement, insertStatements } from './insert.ts';
import { type RowKind, rowKinds } from './layout.ts';
import { batchRows, closeMs, gatherFailedMs, gatherMs, retryMs, tellDroppedEveryMs, waitingRowsMax } from './limits.ts';
import { attemptRow, callRow, healthyRow, isOnlyAttempt } from './row.ts';
import type { RowValues } from './row-buffer.ts';

export interface RecorderOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** Told once, in a sentence for people, when the store fails, and once when it is well again. */
  readonly alarm: (sentence: string) => void;
}

/**
 * Writes down what the engine tells, beside the path of bytes: events become rows in memory, rows
 * are committed in batches. A caller never waits for it; what does not fit in memory is left out,
 * and counted, and so are healthy calls beyond their allowance.
 *
 * ```
 * idle ─ row ─▶ gathering ─ 250 ms, 25 ms for a failure, or 1,000 rows ─▶ writing ─▶ idle
 *                                     failing ◀─ backoff ─▶ writing
 * ```
 */
export class Recorder implements Observer {
  readonly #options: RecorderOptions;
  readonly #backlog = new Backlog(waitingRowsMax);
  readonly #allowance = new Allowance();
  readonly #stopped = new AbortController();
  /** A healthy attempt of which its call may be told next: then one row tells of both. */
  #attempt: AttemptEvent | null = null;
  #timer: Timer | null = null;
  #dueAtMs = Number.POSITIVE_INFINITY;
  #writing: Promise<void> | null = null;
  /** Dropped rows of which a row tells. */
  #toldDropped: Tally = noRows();
  #toldAtMs = Number.NEGATIVE_INFINITY;
  #writtenRows = 0;
  #failures = 0;
  #failing = false;
  #closing = false;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  attempt(event: AttemptEvent): void {
    if (event.failure !== null) return this.#add('failed_attempts', attemptRow(event), gatherFailedMs);
    this.#addAttempt();
    if (this.#stopped.signal.aborted) return;
    this.#attempt = event;
    this.#writeWithin(gatherMs);
  }

  call(event: CallEvent): void {
    const attempt = this.#attempt;
    if (attempt === null || !isOnlyAttempt(attempt, event)) return this.#add('calls', callRow(event), gatherMs);
    if (!this.#allowance.take(event.receivedAtMs + event.totalMs)) {
      this.#attempt = null;
      this.#backlog.dropped.healthy_calls++;
      return;
    }
    const row = healthyRow(event, attempt);
    if (row === null) return this.#add('calls', callRow(event), gatherMs);
    this.#attempt = null;
    this.#add('healthy_calls', row, gatherMs);
  }

  /** Its call was not told next: the attempt has a row of its own. */
  #addAttempt(): void {
    const attempt = this.#attempt;
    if (attempt === null) return;
    this.#attempt = null;
    this.#add('attempts', attemptRow(attempt), gatherMs);
  }

  get dropped(): Readonly<Tally> {
    return this.#backlog.dropped;
  }

  get waitingRows(): number {
    return this.#backlog.size + (this.#attempt === null ? 0 : 1);
  }

  get writtenRows(): number {
    return this.#writtenRows;
  }

  /** Writes that the store refused. */
  get failures(): number {
    return this.#failures;
  }

  /** The store fails since its last write. */
  get failing(): boolean {
    return this.#failing;
  }

  /** Resolves when everything told so far has been written, or dropped. Does not end while the store fails. */
  async flush(): Promise<void> {
    while (!this.#stopped.signal.aborted && (this.#writing !== null || this.waitingRows > 0 || this.#owesTally)) {
      await (this.#writing ?? this.#write());
    }
  }

  /** Writes what waits, within five seconds, and no more afterwards. */
  async close(): Promise<void> {
    const { clock } = this.#options;
    this.#closing = true;
    await Promise.race([this.flush(), this.#failing ? null : wait(clock, closeMs, this.#stopped.signal)]);
    this.#stopped.abort();
    this.#cancel();
  }

  #add(kind: RowKind, values: RowValues, delayMs: number): void {
    if (this.#stopped.signal.aborted) return;
    this.#backlog.add(kind, values);
    if (this.#backlog.size >= batchRows && this.#writing === null) void this.#write();
    else this.#writeWithin(delayMs);
  }

  #writeWithin(delayMs: number): void {
    const dueAtMs = this.#options.clock.now() + delayMs;
    if (dueAtMs >= this.#dueAtMs) return;
    this.#cancel();
    this.#dueAtMs = dueAtMs;
    if (this.#writing === null) this.#arm();
  }

  /** What came during a write gathers too: else each commit would be of what came during the one before. */
  #arm(): void {
    const { clock } = this.#options;
    const restMs = Math.max(this.#dueAtMs - clock.now(), 0);
    if (restMs < Number.POSITIVE_INFINITY) this.#timer = clock.after(restMs, () => void this.#write());
  }

  #cancel(): void {
    if (this.#timer !== null) this.#options.clock.cancel(this.#timer);
    this.#timer = null;
    this.#dueAtMs = Number.POSITIVE_INFINITY;
  }

  /** Writes what waits, in full batches and the rest. Never rejects. */
  #write(): Promise<void> {
    this.#cancel();
    this.#writing ??= this.#writeBatches().finally(() => {
      this.#writing = null;
      if (!this.#stopped.signal.aborted) this.#arm();
    });
    return this.#writing;
  }

  async #writeBatches(): Promise<void> {
    do {
      this.#addAttempt();
      if (this.#backlog.size === 0 && !this.#owesTally) return;
      const rows = this.#backlog.take(batchRows);
      if (!(await this.#writeRows(rows))) return;
    } while (this.#backlog.size >= batchRows);
  }

  /** @returns false when it was stopped meanwhile */
  async #writeRows(rows: Rows): Promise<boolean> {
    const { store, clock } = this.#options;
    for (let delayMs: number = retryMs.first; ; delayMs = Math.min(delayMs * 2, retryMs.largest)) {
      const dropped = this.#untold();
      try {
        await store.write([...insertStatements(rows), ...(dropped === null ? [] : [dropStatement(dropped)])]);
        this.#wrote(rows, dropped);
        return true;
      } catch (error) {
        this.#failed(error);
        // What is refused today is refused tomorrow: without these rows the next may be written.
        if (error instanceof StoreError && error.code === 'refused') return this.#giveUp(rows);
      }
      if (!(await wait(clock, delayMs, this.#stopped.signal))) return false;
    }
  }

  /** On closing, what is missing is told even where nothing else is left to write. */
  get #owesTally(): boolean {
    return this.#closing && this.#untold() !== null;
  }

  /** Drops that no row tells of yet; null where there are none, or a row has told of others just now. */
  #untold(): Tally | null {
    const isTooSoon = this.#options.clock.now() < this.#toldAtMs + tellDroppedEveryMs;
    if (isTooSoon && !this.#closing && !this.#failing) return null;
    const untold = noRows();
    for (const kind of rowKinds) untold[kind] = this.dropped[kind] - this.#toldDropped[kind];
    return sumOf(untold) === 0 ? null : untold;
  }

  #wrote(rows: Rows, dropped: Tally | null): void {
    this.#writtenRows += rowKinds.reduce((sum, kind) => sum + rows[kind].count, 0);
    if (dropped !== null) {
      this.#toldAtMs = this.#options.clock.now();
      for (const kind of rowKinds) this.#toldDropped[kind] += dropped[kind];
    }
    if (!this.#failing) return;
    this.#failing = false;
    const missing = sumOf(dropped ?? noRows());
    const what = missing === 0 ? 'nothing is missing' : `${missing} rows are missing`;
    this.#options.alarm(`the ledger is written again; ${what}.`);
  }

  #failed(error: unknown): void {
    this.#failures++;
    if (this.#failing) return;
    this.#failing = true;
    const why = error instanceof Error ? error.message : String(error);
    this.#options.alarm(
      `the ledger cannot be written: ${why} Calls are served all the same; what does not fit in memory will be missing.`,
    );
  }

  #giveUp(rows: Rows): true {
    for (const kind of rowKinds) this.#backlog.dropped[kind] += rows[kind].count;
    return true;
  }
}
