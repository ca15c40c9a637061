import type { Call, Flow, RawHeaders, Reply } from '../core/call.ts';
import type { Engine } from '../engine/engine.ts';
import { isEventStream } from '../wire/headers.ts';
import { replyBytesMax } from './bounds.ts';
import { type KeptReply, saysEnd } from './kept-reply.ts';

/** What `ridethrough-warning` says of an answer that will not be found again under its key. */
export const notKept = 'the answer of this ridethrough-key is not kept: the database is away';

/**
 * The first call of a key: what it is answered is written down on its way. The end is held back until
 * the answer is kept, so that whoever has seen it whole finds the same under the key, whatever happens then.
 */
export class Recording implements Flow, Reply {
  readonly #engine: Engine;
  readonly #reply: Reply;
  readonly #settle: (answer: KeptReply | null) => Promise<void>;
  #flow: Flow | null = null;
  #head: { readonly status: number; readonly headers: RawHeaders } | null = null;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  /** Chunks from here on are held back. */
  #heldFrom: number | null = null;
  #callerLeft = false;
  /** Callers that wait for this answer, the first among them. */
  #aboard = 1;
  /** The engine has said everything: who comes now must look at what is kept. */
  over = false;

  /**
   * @param engine that it is asked by; a reload may bring another meanwhile
   * @param settle told once, when it is over: the whole answer, or null where there is none to keep
   */
  constructor(engine: Engine, reply: Reply, settle: (answer: KeptReply | null) => Promise<void>) {
    this.#engine = engine;
    this.#reply = reply;
    this.#settle = settle;
  }

  begin(call: Call): void {
    const flow = this.#engine.handle(call, this);
    this.#flow = flow;
    if (this.#aboard === 0) this.#abandon();
  }

  /** Another caller joins: the engine that has this flight lets it share it. */
  join(call: Call, reply: Reply): Flow {
    this.#aboard++;
    let isAboard = true;
    const leave = () => {
      if (isAboard) this.#leave();
      isAboard = false;
    };
    const flow = this.#engine.handle(call, {
      head: (status, headers) => reply.head(status, headers),
      write: (chunk) => reply.write(chunk),
      end: () => {
        leave();
        reply.end();
      },
      destroy: (error) => {
        leave();
        reply.destroy(error);
      },
    });
    return {
      resume: () => flow.resume(),
      abort: () => {
        flow.abort();
        leave();
      },
    };
  }

  // Reply: what the engine writes to.

  head(status: number, headers: RawHeaders): void {
    this.#head = { status, headers };
    if (!isEventStream(headers)) this.#heldFrom = 0;
    else if (!this.#callerLeft) this.#reply.head(status, headers);
  }

  write(chunk: Uint8Array): boolean {
    this.#bytes += chunk.length;
    if (this.#heldFrom === null && saysEnd(chunk)) this.#heldFrom = this.#chunks.length;
    if (this.#bytes > replyBytesMax) return this.#pass(chunk);
    // A copy: the engine may hand out views on a buffer that is filled again.
    this.#chunks.push(Uint8Array.from(chunk));
    return this.#heldFrom !== null || this.#callerLeft || this.#reply.write(chunk);
  }

  end(): void {
    this.over = true;
    const tooLarge = this.#bytes > replyBytesMax;
    const answer = this.#head === null || tooLarge ? null : { ...this.#head, body: Buffer.concat(this.#chunks) };
    const deliver = () => {
      if (this.#callerLeft) return;
      this.#releaseHeld();
      this.#reply.end();
    };
    // An answer that could not be kept is an answer all the same.
    this.#settle(answer).then(deliver, () => {
      this.#warn();
      deliver();
    });
  }

  destroy(error: Error): void {
    this.over = true;
    this.#settle(null).catch(() => {});
    if (!this.#callerLeft) this.#reply.destroy(error);
  }

  // Flow: the first caller's hand on it.

  resume(): void {
    this.#flow?.resume();
  }

  abort(): void {
    if (this.#callerLeft) return;
    this.#callerLeft = true;
    // A reader that was behind must not hold up those who are aboard.
    this.#flow?.resume();
    this.#leave();
  }

  #leave(): void {
    this.#aboard--;
    if (this.#aboard === 0) this.#abandon();
  }

  #abandon(): void {
    if (this.over || this.#flow === null) return;
    this.over = true;
    this.#flow.abort();
    this.#settle(null).catch(() => {});
  }

  /** The head of a stream has gone out: only an answer in one piece can still say it. */
  #warn(): void {
    if (this.#head === null || isEventStream(this.#head.headers)) return;
    this.#head = { ...this.#head, headers: [...this.#head.headers, 'ridethrough-warning', notKept] };
  }

  /** Too large to be kept: from now on it is the caller's only. */
  #pass(chunk: Uint8Array): boolean {
    if (this.#callerLeft) return true;
    this.#releaseHeld();
    this.#chunks = [];
    this.#heldFrom = null;
    return this.#reply.write(chunk);
  }

  #releaseHeld(): void {
    if (this.#heldFrom === null || this.#head === null) return;
    if (!isEventStream(this.#head.headers)) this.#reply.head(this.#head.status, this.#head.headers);
    for (const chunk of this.#chunks.slice(this.#heldFrom)) this.#reply.write(chunk);
    this.#heldFrom = this.#chunks.length;
  }
}
