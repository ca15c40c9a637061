import { deliveredUsage } from './delivered-usage.ts';
import { messageStopEvent } from './envelope.ts';
import type { JsonObject } from './json.ts';
import { type MessageEvent, readMessageEvent } from './message-event.ts';
import type { ResumeRequest } from './resume-request.ts';
import { Seam } from './seam.ts';
import { SpaceJoin, type TextJoin } from './space-join.ts';
import { readEvent, SseScanner } from './sse.ts';
import { thinkingTypes } from './strip-thinking.ts';
import { blockTokens, bytesPerToken, estimateTokens } from './token-estimate.ts';
import type { Transcript, TranscriptBlock } from './transcript.ts';
import { closeOpen, eventAt, messageDeltaEvent, textEvent } from './written-events.ts';

const nothing: Uint8Array = new Uint8Array(0);
const emptyText = {
  data: Buffer.from('{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}'),
  block: { type: 'text', text: '' },
};

/** A block of the continuation, and what becomes of it. */
interface ContinuedBlock {
  readonly type: string;
  /** Our index; null while it has not been begun for the caller, or is hidden. */
  index: number | null;
  readonly hidden: boolean;
  /** Joins its text to what was sent before; null where nothing has to be joined. */
  join: TextJoin | null;
  /** The `content_block_start` to send once there is something to begin it with. */
  start: { readonly data: Uint8Array; readonly block: JsonObject } | null;
  /** White space at the beginning of a block that has not been begun yet. */
  space: string;
  /** Events behind text that is still being joined. */
  readonly waiting: { readonly data: Uint8Array; readonly delta: JsonObject }[];
  record: TranscriptBlock | null;
}

/**
 * Writes a continuation into the stream that broke: no second `message_start`, the open text goes
 * on in its block, new blocks get the next indices, thinking that belongs to the hidden request
 * stays hidden, and the end tells the usage of the message that was delivered (R10).
 *
 * Fed with what `MessageStream` has released of the continuation; gives the bytes for the caller
 * and writes them down in the transcript, so that a continuation that breaks is continued again.
 */
export class Splicer {
  readonly #said: Transcript;
  readonly #request: Pick<ResumeRequest, 'form' | 'wantsTool'>;
  /** Several text blocks in a row are natural (citations): text after a closed block is taken as it comes. */
  readonly #manyTexts: boolean;
  readonly #scanner = new SseScanner();
  readonly #blocks = new Map<number, ContinuedBlock>();
  #tokensBefore: number;
  /** Thinking of a request that the caller did not make carries a signature that it could not use. */
  readonly #hidesThinking: boolean;
  #joinDue: boolean;
  /** A text that has stopped while it was being joined: what follows tells whether it was cut short. */
  #stopping: { readonly block: ContinuedBlock; readonly data: Uint8Array } | null = null;
  #hiddenTokens = 0;
  #toolCame = false;
  #out: Uint8Array[] = [];
  #begun = false;
  #last: TextJoin | null = null;
  #failure: string | null = null;

  /** @param said what has been released so far; it is written on */
  constructor(said: Transcript, request: Pick<ResumeRequest, 'form' | 'wantsTool'>, manyTexts: boolean) {
    this.#said = said;
    this.#request = request;
    this.#manyTexts = manyTexts;
    this.#joinDue = said.lasting.at(-1)?.type === 'text';
    // Of half a thought nothing is left in the history: the answer is a new one to the caller's own request.
    this.#hidesThinking = request.form !== 'again' || said.lasting.length > 0;
    this.#tokensBefore = said.blocks.reduce((sum, block) => sum + blockTokens(block), 0);
  }

  /** The model has begun to go on, and bills for it, whether anything can be sent on yet or not. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Tells that the model has begun, before there is anything to feed. */
  begin(): void {
    this.#begun = true;
  }

  /** Why this continuation is none, once it is known; nothing of it has been sent then. */
  get failure(): string | null {
    return this.#failure;
  }

  /** @returns what goes to the caller now; empty while it is undecided */
  feed(released: Uint8Array): Uint8Array {
    const scanner = this.#scanner;
    this.#begun = true;
    scanner.push(released);
    while (this.#failure === null && scanner.next()) {
      const { bytes, start, end } = scanner;
      const { data } = readEvent(bytes, start, end);
      this.#take(readMessageEvent(bytes, start, end), data, bytes.subarray(start, end));
    }
    // A tool is still owed: until it has come nobody knows whether this is a continuation at all.
    const isOwed = this.#request.wantsTool && !this.#toolCame;
    if (this.#failure !== null || isOwed || this.#out.length === 0) return nothing;
    const bytes = Buffer.concat(this.#out);
    this.#out = [];
    this.#said.commit();
    return bytes;
  }

  #take(event: MessageEvent, data: Uint8Array, raw: Uint8Array): void {
    switch (event.type) {
      case 'content_block_start':
        this.#settleStop(true);
        return this.#startBlock(event.index, event.block, data);
      case 'content_block_delta':
        return this.#takeDelta(this.#blockAt(event.index), event.delta, data);
      case 'content_block_stop':
        return this.#stopBlock(this.#blockAt(event.index), data);
      case 'message_delta':
        return this.#finish(event.delta, event.usage);
      case 'message_stop':
        this.#out.push(messageStopEvent);
        return;
      case 'idle':
      case 'unknown':
        this.#out.push(Uint8Array.from(raw));
        return;
      case 'message_start':
        // Of a message that is continued the caller has had it. Errors never get here: they are not released.
        if (this.#request.form === 'opening') this.#open(event.message, raw);
    }
  }

  /** What stood in the transcript is of an attempt of which nothing was sent. */
  #open(message: JsonObject, raw: Uint8Array): void {
    this.#said.begin(message);
    this.#joinDue = false;
    this.#tokensBefore = 0;
    this.#out.push(Uint8Array.from(raw));
  }

  #blockAt(index: number): ContinuedBlock {
    return this.#blocks.get(index) as ContinuedBlock;
  }

  #startBlock(index: number, block: JsonObject, data: Uint8Array): void {
    const type = String(block.type);
    const hidden = this.#hidesThinking && thinkingTypes.has(type);
    const continued: ContinuedBlock = {
      type,
      index: null,
      hidden,
      join: null,
      start: { data: Uint8Array.from(data), block },
      space: '',
      waiting: [],
      record: null,
    };
    this.#blocks.set(index, continued);
    if (hidden) return;
    if (type !== 'text') this.#begin(continued);
    else if (this.#joinDue) this.#joinText(continued);
    this.#joinDue = false;
    if (typeof block.text === 'string' && block.text !== '') {
      // Our own start is empty, so that this text can be joined like any other.
      continued.start = continued.start === null ? null : emptyText;
      this.#takeDelta(continued, { type: 'text_delta', text: block.text }, data);
    }
  }

  /** The first text of the continuation: into the block that is open, or after the one that was closed. */
  #joinText(continued: ContinuedBlock): void {
    const before = this.#said.lasting.at(-1) as TranscriptBlock;
    const text = before.wholeText();
    // White space alone cannot be repeated: it may come again, or not.
    const exact = this.#request.form === 'prefill' || this.#request.form === 'again' || text.trim() === '';
    continued.join = exact ? new SpaceJoin(text) : new Seam(text);
    this.#last = continued.join;
    if (before.stopped) return;
    continued.index = this.#said.blocks.length - 1;
    continued.start = null;
    continued.record = before;
  }

  /** Sends a block's start, after closing the block that is open. */
  #begin(block: ContinuedBlock): void {
    if (block.start === null) return;
    this.#out.push(...closeOpen(this.#said));
    block.index = this.#said.blocks.length;
    block.record = this.#said.startBlock(block.start.block);
    this.#out.push(eventAt('content_block_start', block.start.data, block.index));
    block.start = null;
  }

  #takeDelta(block: ContinuedBlock, delta: JsonObject, data: Uint8Array): void {
    if (block.hidden) {
      this.#hiddenTokens += estimateTokens(String(delta.thinking ?? ''));
      return;
    }
    if (block.type === 'text' && typeof delta.text === 'string') {
      this.#sendText(block, block.join === null ? delta.text : block.join.push(delta.text));
    } else if (block.join?.kind === 'searching') {
      block.waiting.push({ data: Uint8Array.from(data), delta });
    } else {
      this.#sendDelta(block, data, delta);
    }
  }

  #sendText(block: ContinuedBlock, piece: string): void {
    if (piece === '' || this.#isBabble(block)) return;
    const text = block.space + piece;
    // A block of nothing but white space could not be sent back to the API: it waits for a word.
    const hollow = block.index === null && text.trim() === '';
    block.space = hollow ? text : '';
    if (hollow) return;
    this.#begin(block);
    block.record?.appendText(text);
    this.#out.push(textEvent(block.index as number, text));
    for (const { data, delta } of block.waiting.splice(0)) this.#sendDelta(block, data, delta);
  }

  /** Text after a block that was closed, without the words that would join it: the model talks about the break. */
  #isBabble(block: ContinuedBlock): boolean {
    return block.join !== null && block.index === null && block.join.kind === 'plain' && !this.#manyTexts;
  }

  #sendDelta(block: ContinuedBlock, data: Uint8Array, delta: JsonObject): void {
    if (this.#isBabble(block)) return;
    this.#begin(block);
    block.record?.take(delta);
    this.#out.push(eventAt('content_block_delta', data, block.index as number));
  }

  #stopBlock(block: ContinuedBlock, data: Uint8Array): void {
    if (block.hidden) return;
    if (block.join?.kind === 'searching') this.#stopping = { block, data: Uint8Array.from(data) };
    else this.#stopJoined(block, data);
  }

  /** @param finished the model stopped the text by itself */
  #settleStop(finished: boolean): void {
    if (this.#stopping === null) return;
    const { block, data } = this.#stopping;
    this.#stopping = null;
    this.#sendText(block, block.join?.end(finished) ?? '');
    this.#stopJoined(block, data);
  }

  #stopJoined(block: ContinuedBlock, data: Uint8Array): void {
    if (block.index === null || block.record === null || block.record.stopped) return;
    block.record.stopped = true;
    if (block.type === 'tool_use') this.#toolCame = true;
    this.#out.push(eventAt('content_block_stop', data, block.index));
  }

  #finish(delta: JsonObject, usage: JsonObject): void {
    const reason = delta.stop_reason;
    const cutShort = reason === 'stop_sequence' || reason === 'max_tokens';
    this.#settleStop(!cutShort);
    if (this.#request.wantsTool && !this.#toolCame && reason !== 'refusal') {
      this.#failure = 'the continuation brought text where a tool call was being made';
    } else if (cutShort && this.#last?.kind === 'repeating') {
      this.#failure = 'the continuation ended while it was repeating what had been said';
    } else if (this.#isEmpty() && reason !== 'refusal') {
      this.#failure = 'the continuation was empty';
    }
    if (this.#failure !== null) return;
    if (reason === 'refusal') this.#toolCame = true;
    this.#out.push(...closeOpen(this.#said));
    const total = this.#usage(usage);
    const isDropped = reason !== 'refusal' && this.#isDropped();
    const ending = isDropped ? { ...delta, stop_reason: 'end_turn', stop_sequence: null } : delta;
    this.#said.finish(ending, total);
    this.#out.push(messageDeltaEvent(ending, total));
  }

  /** All that came was talk about the break: how that ended says nothing of the answer. */
  #isDropped(): boolean {
    return this.#last?.kind === 'plain' && [...this.#blocks.values()].every(({ index }) => index === null);
  }

  /** Asked to go on in the middle of a text, the model said nothing: it did not take up where it was. */
  #isEmpty(): boolean {
    if (this.#request.form !== 'anchored' || this.#said.openText === null) return false;
    const said = [...this.#blocks.values()].some((block) => !block.hidden);
    return !said || (this.#last?.kind === 'repeating' && this.#last.swallowed === 0);
  }

  #usage(usage: JsonObject): JsonObject {
    return deliveredUsage((this.#said.message?.usage ?? {}) as JsonObject, {
      usage,
      tokensBefore: this.#tokensBefore,
      swallowedTokens: Math.ceil((this.#last?.swallowed ?? 0) / bytesPerToken),
      hiddenTokens: this.#hidesThinking ? this.#hiddenTokens : null,
    });
  }
}
