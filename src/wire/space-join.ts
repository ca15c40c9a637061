/** Joins a continued text to what was sent before. */
export interface TextJoin {
  /** Takes a piece of the continuation; returns what may be sent on now. */
  push(piece: string): string;
  /** No more text comes; returns what is still to be sent. @param finished the model ended its answer by itself */
  end(finished?: boolean): string;
  /** `repeating`: all that came had been sent already, or nothing came. */
  readonly kind: 'searching' | 'anchored' | 'plain' | 'repeating';
  /** Characters that were swallowed. */
  readonly swallowed: number;
}

/**
 * For a continuation that begins exactly where the text stopped, but for the white space at its
 * end, which had to be cut off to ask: if the same comes again it is swallowed, and if other white
 * space comes none of it is sent.
 */
export class SpaceJoin implements TextJoin {
  readonly #sent: string;
  #space = '';
  #joined = false;

  /** @param released the text so far */
  constructor(released: string) {
    this.#sent = released.slice(released.trimEnd().length);
  }

  get kind(): TextJoin['kind'] {
    return this.#joined ? 'plain' : 'searching';
  }

  get swallowed(): number {
    return this.#joined ? this.#space.length : 0;
  }

  push(piece: string): string {
    if (this.#joined) return piece;
    this.#space += piece;
    const text = this.#space.trimStart();
    if (text === '') return '';
    return this.#join(this.#space.slice(0, this.#space.length - text.length), text);
  }

  end(): string {
    return this.#joined ? '' : this.#join(this.#space, '');
  }

  #join(space: string, text: string): string {
    this.#joined = true;
    const rest = space.startsWith(this.#sent) ? space.slice(this.#sent.length) : this.#sent === '' ? space : '';
    this.#space = space.slice(rest.length);
    return rest + text;
  }
}
