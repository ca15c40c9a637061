import type { RowPack } from '../store/store.ts';

/** The values of one row: first its numbers, then its texts, in the order of its columns. */
export interface RowValues {
  readonly numbers: readonly (number | null)[];
  readonly texts: readonly (string | null)[];
}

const rowsFirst = 64;

/**
 * Rows that wait, as a number array and a text a row: kept as arrays of values, they would be copied
 * by the garbage collector several times before they are written.
 */
export class RowBuffer {
  readonly #width: number;
  #numbers: Float64Array;
  #texts: string[] = [];

  /** @param width numbers of a row */
  constructor(width: number) {
    this.#width = width;
    this.#numbers = new Float64Array(width * rowsFirst);
  }

  get count(): number {
    return this.#texts.length;
  }

  add({ numbers, texts }: RowValues): void {
    let at = this.count * this.#width;
    if (at === this.#numbers.length) {
      const larger = new Float64Array(2 * at);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    for (const value of numbers) this.#numbers[at++] = value ?? Number.NaN;
    let line = texts[0] ?? '\0';
    for (let index = 1; index < texts.length; index++) line += `\n${texts[index] ?? '\0'}`;
    this.#texts.push(line);
  }

  /** Takes the oldest rows out. */
  take(countMax: number): RowPack {
    const texts = this.#texts.splice(0, countMax);
    const end = texts.length * this.#width;
    const numbers = this.#numbers.slice(0, end);
    this.#numbers.copyWithin(0, end);
    return { count: texts.length, numbers, texts: texts.join('\n') };
  }
}
