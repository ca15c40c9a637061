import type { Sample } from './exposition.ts';

/** Counts by the values of labels. Counting is two fields and a look-up; the rest is done when somebody reads. */
export class Tally {
  readonly #names: readonly string[];
  readonly #counts = new Map<string, { readonly values: readonly string[]; count: number }>();

  /** @param names of the labels; there must be an end to the values of each */
  constructor(...names: readonly string[]) {
    this.#names = names;
  }

  /** @param values of the labels, in the order of their names */
  add(...values: readonly string[]): void {
    const key = values.join('\0');
    const known = this.#counts.get(key);
    if (known === undefined) this.#counts.set(key, { values, count: 1 });
    else known.count++;
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
