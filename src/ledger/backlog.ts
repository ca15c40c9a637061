import type { RowPack } from '../store/store.ts';
import { layouts, type RowKind, rowKinds } from './layout.ts';
import { RowBuffer, type RowValues } from './row-buffer.ts';

/** How many rows of each kind. */
export type Tally = Record<RowKind, number>;

/** A tally to count in: each has its own. */
export const noRows = (): Tally => ({ healthy_calls: 0, attempts: 0, calls: 0, failed_attempts: 0 });

/** Rows of each kind. */
export type Rows = Readonly<Record<RowKind, RowPack>>;

/** How many rows in all. */
export function sumOf(tally: Readonly<Tally>): number {
  return tally.healthy_calls + tally.attempts + tally.calls + tally.failed_attempts;
}

/** So much of a full kind goes at once, oldest first: taking rows from the front one by one would cost at every event. */
const share = 0.1;

/**
 * Rows that wait to be written, within a bound. Where it is full, what went well is left out first,
 * and failed attempts last, because they are what a ledger is asked for.
 */
export class Backlog {
  readonly #rowsMax: number;
  readonly #rows: Readonly<Record<RowKind, RowBuffer>> = {
    healthy_calls: new RowBuffer(layouts.healthy_calls.numbers.length),
    attempts: new RowBuffer(layouts.attempts.numbers.length),
    calls: new RowBuffer(layouts.calls.numbers.length),
    failed_attempts: new RowBuffer(layouts.failed_attempts.numbers.length),
  };
  #size = 0;
  /** Rows dropped so far. */
  readonly dropped: Tally = noRows();

  constructor(rowsMax: number) {
    this.#rowsMax = rowsMax;
  }

  get size(): number {
    return this.#size;
  }

  add(kind: RowKind, values: RowValues): void {
    if (this.#size >= this.#rowsMax) this.#drop();
    this.#rows[kind].add(values);
    this.#size++;
  }

  /** Takes rows out, those that are dropped last first. */
  take(rowsMax: number): Rows {
    let room = rowsMax;
    const take = (kind: RowKind) => {
      const taken = this.#rows[kind].take(room);
      room -= taken.count;
      return taken;
    };
    const [failed_attempts, calls] = [take('failed_attempts'), take('calls')];
    const [attempts, healthy_calls] = [take('attempts'), take('healthy_calls')];
    this.#size -= rowsMax - room;
    return { healthy_calls, attempts, calls, failed_attempts };
  }

  #drop(): void {
    const kind = rowKinds.find((each) => this.#rows[each].count > 0);
    if (kind === undefined) return;
    const rows = this.#rows[kind];
    const dropped = rows.take(Math.ceil(rows.count * share)).count;
    this.dropped[kind] += dropped;
    this.#size -= dropped;
  }
}
