import type { RawHeaders, Reply } from '../core/call.ts';

/** One event of a collected stream. */
export interface CollectedEvent {
  /** The `event:` field; '' where it has none. */
  readonly event: string;
  /** Its data, parsed as JSON; as text where it is none. */
  readonly data: unknown;
}

/**
 * A `Reply` that keeps what it is told, for tests of the engine. It holds the engine to the
 * contract: a head twice, a write before the head or anything after the end throws.
 */
export class CollectReply implements Reply {
  readonly chunks: Uint8Array[] = [];
  /** What `write` returns; a test sets it to false to play a reader that is behind. */
  accepts = true;
  /** Resolves when the reply was ended or destroyed. */
  readonly done: Promise<this>;
  readonly #finish: (reply: this) => void;
  #status: number | null = null;
  #headers: RawHeaders = [];
  #state: 'before-head' | 'open' | 'ended' | 'destroyed' = 'before-head';
  #error: Error | null = null;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<this>();
    this.done = promise;
    this.#finish = resolve;
  }

  /** null before the head. */
  get status(): number | null {
    return this.#status;
  }

  get headers(): RawHeaders {
    return this.#headers;
  }

  /** `ended`: the answer is whole, as far as HTTP can tell. `destroyed`: the reader saw a broken connection. */
  get state(): 'before-head' | 'open' | 'ended' | 'destroyed' {
    return this.#state;
  }

  /** What `destroy` was given. */
  get error(): Error | null {
    return this.#error;
  }

  head(status: number, headers: RawHeaders): void {
    this.#expect('before-head', 'head');
    this.#state = 'open';
    this.#status = status;
    this.#headers = headers;
  }

  write(chunk: Uint8Array): boolean {
    this.#expect('open', 'write');
    // A copy: the engine may hand out views on a buffer that is filled again.
    this.chunks.push(chunk.slice());
    return this.accepts;
  }

  end(): void {
    this.#expect('open', 'end');
    this.#state = 'ended';
    this.#finish(this);
  }

  destroy(error: Error): void {
    if (this.#state === 'ended' || this.#state === 'destroyed') throw new Error(`destroy after ${this.#state}`);
    this.#state = 'destroyed';
    this.#error = error;
    this.#finish(this);
  }

  /** A header by its name in any case, or null. */
  header(name: string): string | null {
    const wanted = name.toLowerCase();
    for (let i = 0; i < this.#headers.length; i += 2) {
      if (this.#headers[i]?.toLowerCase() === wanted) return this.#headers[i + 1] ?? null;
    }
    return null;
  }

  /** The body so far. A UTF-8 sequence that is cut or broken throws. */
  text(): string {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(this.chunks));
  }

  /** The body, parsed. */
  json(): unknown {
    return JSON.parse(this.text());
  }

  /** The body as server-sent events; an event that was not ended by a blank line does not count. */
  events(): CollectedEvent[] {
    const parts = this.text().replaceAll(/\r\n?/g, '\n').split('\n\n');
    return parts.slice(0, -1).flatMap((part) => {
      const field = (name: string) =>
        part
          .split('\n')
          .filter((line) => line.startsWith(`${name}:`))
          .map((line) => line.slice(name.length + 1).replace(/^ /, ''));
      const data = field('data');
      return data.length === 0 ? [] : [{ event: field('event').at(-1) ?? '', data: parsed(data.join('\n')) }];
    });
  }

  #expect(state: 'before-head' | 'open', action: string): void {
    if (this.#state !== state) throw new Error(`${action} when the reply is ${this.#state}`);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
