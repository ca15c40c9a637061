import type { Sample } from './exposition.ts';

/** How often these values of the labels were counted. */
interface Row {
  readonly values: readonly string[];
  count: number;
}

/** Counts by the values of labels. Counting is two fields and a look-up; the rest is done when somebody reads. */
export class Tally {
  readonly #names: readonly string[];
  readonly #counts = new Map<string, Row>();
  /** Events of one kind come in rows: the last is compared before its key is made. */
  #last: Row | null = null;

  /** @param names of the labels; there must be an end to the values of each */
  constructor(...names: readonly string[]) {
    this.#names = names;
  }

  /** @param values of the labels, in the order of their names */
  add(...values: readonly string[]): void {
    if (this.#last === null || !areEqual(this.#last.values, values)) this.#last = this.#rowOf(values);
    this.#last.count++;
  }

  #rowOf(values: readonly string[]): Row {
    const key = values.join('\0');
    const row = this.#counts.get(key) ?? { values, count: 0 };
    this.#counts.set(key, row);
    return row;
  }

  read(): Sample[] {
    return [...this.#counts.values()].map(({ values, count }) => ({
      labels: labelled(this.#names, values),
      value: count,
    }));
  }
}

/** Durations by the value of one label, counted in buckets. */
export class DurationTally {
  readonly #name: string;
  readonly #boundsSeconds: readonly number[];
  readonly #rows = new Map<string, { sumSeconds: number; readonly counts: number[] }>();

  /**
   * @param name of the label
   * @param boundsSeconds upper ends of the buckets, ascending; one without an end stands behind them
   */
  constructor(name: string, boundsSeconds: readonly number[]) {
    this.#name = name;
    this.#boundsSeconds = boundsSeconds;
  }

  add(value: string, seconds: number): void {
    let row = this.#rows.get(value);
    if (row === undefined) {
      row = { sumSeconds: 0, counts: new Array<number>(this.#boundsSeconds.length + 1).fill(0) };
      this.#rows.set(value, row);
    }
    let bucket = 0;
    while (seconds > (this.#boundsSeconds[bucket] ?? Number.POSITIVE_INFINITY)) bucket++;
    row.counts[bucket] = (row.counts[bucket] ?? 0) + 1;
    row.sumSeconds += seconds;
  }

  read(): Sample[] {
    return [...this.#rows].flatMap(([value, { sumSeconds, counts }]) => {
      const labels = { [this.#name]: value };
      let count = 0;
      const buckets = counts.map((inBucket, index) => {
        count += inBucket;
        const le = String(this.#boundsSeconds[index] ?? '+Inf');
        return { suffix: '_bucket', labels: { le, ...labels }, value: count };
      });
      return [...buckets, { suffix: '_sum', labels, value: sumSeconds }, { suffix: '_count', labels, value: count }];
    });
  }
}

function labelled(names: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
}

function areEqual(some: readonly string[], others: readonly string[]): boolean {
  for (let i = 0; i < some.length; i++) if (some[i] !== others[i]) return false;
  return true;
}
