/** What a reader of responses reports. */
export interface ResponseHandler {
  head?(status: number): void;
  body(bytes: Buffer): void;
  end(): void;
}

type State = 'head' | 'length' | 'size' | 'chunk' | 'chunk-end' | 'trailer';

/**
 * Reads HTTP/1.1 responses that a connection brings one after the other, with a length or chunked:
 * no more than the benchmark needs, so that reading costs little beside what is measured.
 * @throws Error for a response that has neither
 */
export class ResponseReader {
  readonly #handler: ResponseHandler;
  #state: State = 'head';
  #kept: Buffer | null = null;
  /** Bytes of the body, or of its current chunk, that are still to come. */
  #left = 0;

  constructor(handler: ResponseHandler) {
    this.#handler = handler;
  }

  feed(chunk: Buffer): void {
    let rest: Buffer | null = this.#kept === null ? chunk : Buffer.concat([this.#kept, chunk]);
    this.#kept = null;
    while (rest !== null && rest.length > 0) {
      const next: Buffer | null = this.#step(rest);
      if (next === null) this.#kept = rest;
      rest = next;
    }
  }

  /** Reads one thing and returns what follows it; null when the thing is not there yet. */
  #step(rest: Buffer): Buffer | null {
    switch (this.#state) {
      case 'head':
        return this.#readHead(rest);
      case 'size':
        return this.#readSize(rest);
      case 'length':
      case 'chunk':
        return this.#readBytes(rest);
      case 'chunk-end':
        if (rest.length < 2) return null;
        this.#state = 'size';
        return rest.subarray(2);
      case 'trailer':
        if (rest.length < 2) return null;
        return this.#finish(rest.subarray(2));
    }
  }

  #readHead(rest: Buffer): Buffer | null {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) return null;
    const head = rest.toString('latin1', 0, end);
    this.#handler.head?.(Number(head.slice(9, 12)));
    const after = rest.subarray(end + 4);
    const length = /\r\ncontent-length: *(?<length>\d+)/i.exec(head)?.groups?.length;
    if (length !== undefined) {
      this.#state = 'length';
      this.#left = Number(length);
      return this.#left === 0 ? this.#finish(after) : after;
    }
    if (!/\r\ntransfer-encoding: *chunked/i.test(head)) throw new Error(`A response has no length: ${head}`);
    this.#state = 'size';
    return after;
  }

  #readSize(rest: Buffer): Buffer | null {
    const end = rest.indexOf('\r\n');
    if (end === -1) return null;
    this.#left = Number.parseInt(rest.toString('latin1', 0, end), 16);
    this.#state = this.#left === 0 ? 'trailer' : 'chunk';
    return rest.subarray(end + 2);
  }

  #readBytes(rest: Buffer): Buffer {
    const bytes = rest.subarray(0, this.#left);
    const after = rest.subarray(bytes.length);
    this.#left -= bytes.length;
    this.#handler.body(bytes);
    if (this.#left > 0) return after;
    if (this.#state === 'length') return this.#finish(after);
    this.#state = 'chunk-end';
    return after;
  }

  #finish(after: Buffer): Buffer {
    this.#state = 'head';
    this.#handler.end();
    return after;
  }
}
