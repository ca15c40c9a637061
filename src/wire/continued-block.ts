import type { ContinuationWriter, WrittenBlock } from './continuation-writer.ts';
import type { JsonObject } from './json.ts';
import type { TextJoin } from './space-join.ts';
import { estimateTokens } from './token-estimate.ts';

/** A block of a continuation, and what becomes of it for the caller. Data is valid during the call alone. */
export interface ContinuedBlock {
  readonly type: string;
  /** Something of it has been sent, or would be but for a tool that is owed. */
  readonly isSent: boolean;
  delta(delta: JsonObject, data: Uint8Array): void;
  stop(data: Uint8Array): void;
}

/** Thinking that belongs to the hidden request: the caller could not use its signature. */
export class HiddenThinking implements ContinuedBlock {
  readonly type: string;
  readonly isSent = false;
  #tokens = 0;

  constructor(type: string) {
    this.type = type;
  }

  /** An estimate. */
  get tokens(): number {
    return this.#tokens;
  }

  delta(delta: JsonObject): void {
    this.#tokens += estimateTokens(String(delta.thinking ?? ''));
  }

  stop(): void {}
}

/** A block that goes on as it comes, under the caller's next index. */
export class PassedBlock implements ContinuedBlock {
  readonly type: string;
  readonly isSent = true;
  readonly #writer: ContinuationWriter;
  readonly #written: WrittenBlock;

  constructor(writer: ContinuationWriter, start: JsonObject, data: Uint8Array) {
    this.type = String(start.type);
    this.#writer = writer;
    this.#written = writer.start(data, start);
  }

  delta(delta: JsonObject, data: Uint8Array): void {
    this.#writer.delta(this.#written, data, delta);
  }

  stop(data: Uint8Array): void {
    this.#writer.stop(this.#written, data);
  }
}

/** How a text of the continuation joins what was sent before. */
export interface Joining {
  /** Null where there is nothing to join. */
  readonly join: TextJoin | null;
  /** The block in which it goes on; null: it is a block of its own, begun with its first word. */
  readonly into: WrittenBlock | null;
  /** Text beside what was said is part of the answer, also where nothing in it joins. */
  readonly isWelcome: boolean;
}

const emptyStart = {
  data: Buffer.from('{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}'),
  block: { type: 'text', text: '' },
};

/** A text: what it repeats is cut off, and what is only talk about the break is dropped. */
export class ContinuedText implements ContinuedBlock {
  readonly type = 'text';
  readonly join: TextJoin | null;
  readonly #writer: ContinuationWriter;
  readonly #isWelcome: boolean;
  #start: { readonly data: Uint8Array; readonly block: JsonObject };
  #written: WrittenBlock | null;
  /** White space before the first word of a block that has not been begun. */
  #space = '';
  #droppedChars = 0;
  /** Other deltas behind text that is still being joined. */
  readonly #waiting: { readonly data: Uint8Array; readonly delta: JsonObject }[] = [];
  /** It has stopped while it was being joined: what follows tells whether it was cut short. */
  #stopData: Uint8Array | null = null;

  constructor(writer: ContinuationWriter, start: JsonObject, data: Uint8Array, { join, into, isWelcome }: Joining) {
    this.#writer = writer;
    this.join = join;
    this.#written = into;
    this.#isWelcome = isWelcome;
    this.#start = { data: Uint8Array.from(data), block: start };
    if (typeof start.text !== 'string' || start.text === '') return;
    // Our own start is empty, so that this text can be joined like any other.
    this.#start = emptyStart;
    this.#take(start.text);
  }

  get isSent(): boolean {
    return this.#written !== null;
  }

  /** Characters of it that the caller does not get: repeated ones, and talk about the break. */
  get withheldChars(): number {
    return (this.join?.swallowed ?? 0) + this.#droppedChars;
  }

  delta(delta: JsonObject, data: Uint8Array): void {
    if (typeof delta.text === 'string') this.#take(delta.text);
    else if (this.join?.kind === 'searching') this.#waiting.push({ data: Uint8Array.from(data), delta });
    else this.#sendDelta(data, delta);
  }

  stop(data: Uint8Array): void {
    if (this.join?.kind === 'searching') this.#stopData = Uint8Array.from(data);
    else if (this.#written !== null) this.#writer.stop(this.#written, data);
  }

  /**
   * Decides what had to wait for what follows the text.
   * @param finished the model stopped the text by itself
   */
  settle(finished: boolean): void {
    if (this.#stopData === null) return;
    const data = this.#stopData;
    this.#stopData = null;
    this.#send(this.join?.end(finished) ?? '');
    if (this.#written !== null) this.#writer.stop(this.#written, data);
  }

  #take(text: string): void {
    this.#send(this.join === null ? text : this.join.push(text));
  }

  #send(piece: string): void {
    if (this.#isBabble) this.#droppedChars += piece.length;
    if (piece === '' || this.#isBabble) return;
    const text = this.#space + piece;
    // A block of nothing but white space could not be sent back to the API: it waits for a word.
    const hollow = this.#written === null && text.trim() === '';
    this.#space = hollow ? text : '';
    if (hollow) return;
    this.#writer.text(this.#begun(), text);
    for (const { data, delta } of this.#waiting.splice(0)) this.#sendDelta(data, delta);
  }

  #sendDelta(data: Uint8Array, delta: JsonObject): void {
    if (!this.#isBabble) this.#writer.delta(this.#begun(), data, delta);
  }

  #begun(): WrittenBlock {
    this.#written ??= this.#writer.start(this.#start.data, this.#start.block);
    return this.#written;
  }

  /** Text after a block that was closed, without the words that would join it: the model talks about the break. */
  get #isBabble(): boolean {
    return this.join?.kind === 'plain' && this.#written === null && !this.#isWelcome;
  }
}
