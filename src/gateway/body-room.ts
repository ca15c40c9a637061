/** What one request holds of the room. */
export interface BodyShare {
  /** @returns false when there is no room for so many bytes more */
  take(bytes: number): boolean;
  /** Gives everything back. May be called again. */
  free(): void;
}

/** Memory for the request bodies that are held at the same time, of all callers together. */
export class BodyRoom {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  share(): BodyShare {
    let mine = 0;
    return {
      take: (bytes) => {
        if (this.#bytes + bytes > this.#bytesMax) return false;
        this.#bytes += bytes;
        mine += bytes;
        return true;
      },
      free: () => {
        this.#bytes -= mine;
        mine = 0;
      },
    };
  }
}
