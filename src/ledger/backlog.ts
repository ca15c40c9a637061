import type { SqlValue } from '../store/store.ts';

/** What a row tells of; the order is that of dropping, last goes first. */
export type RowKind = 'failed_attempts' | 'calls' | 'attempts';

/** How many rows of each kind. */
export type Tally = Record<RowKind, number>;

export const noRows = (): Tally => ({ failed_attempts: 0, calls: 0, attempts: 0 });

/** One row, with its kind. */
export interface WaitingRow {
  readonly kind: RowKind;
  readonly values: readonly SqlValue[];
}

const droppedFirst: readonly RowKind[] = ['attempts', 'calls', 'failed_attempts'];

/** So much of a full kind goes at once, oldest first: taking rows from the front one by one would cost at every event. */
const share = 0.1;

/**
 * Rows that wait to be written, within a bound. Where it is full detail goes: healthy attempts before
 * calls, and failed attempts last, because they are what a ledger is asked for.
 */
export class Backlog {
  readonly #rowsMax: number;
  readonly #rows: Record<RowKind, (readonly SqlValue[])[]> = { failed_attempts: [], calls: [], attempts: [] };
  /** Rows dropped so far. */
  readonly dropped: Tally = noRows();

  constructor(rowsMax: number) {
    this.#rowsMax = rowsMax;
  }

  get size(): number {
    return this.#rows.failed_attempts.length + this.#rows.calls.length + this.#rows.attempts.length;
  }

  add(kind: RowKind, values: readonly SqlValue[]): void {
    if (this.size >= this.#rowsMax) this.#drop();
    this.#rows[kind].push(values);
  }

  /** Takes rows out, those that are dropped last first. */
  take(rowsMax: number): WaitingRow[] {
    const taken: WaitingRow[] = [];
    for (const kind of droppedFirst.toReversed()) {
      for (const values of this.#rows[kind].splice(0, rowsMax - taken.length)) taken.push({ kind, values });
    }
    return taken;
  }

  #drop(): void {
    const kind = droppedFirst.find((each) => this.#rows[each].length > 0);
    if (kind === undefined) return;
    const rows = this.#rows[kind];
    this.dropped[kind] += rows.splice(0, Math.ceil(rows.length * share)).length;
  }
}
