/** Memory for the request bodies that are held at the same time, of all callers together. */
export class BodyRoom {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** @returns false when there is no room for so many bytes more */
  take(bytes: number): boolean {
    if (this.#bytes + bytes > this.#bytesMax) return false;
    this.#bytes += bytes;
    return true;
  }

  /** Gives back what was taken. */
  free(bytes: number): void {
    this.#bytes -= bytes;
  }
}
