import { ContinuationWriter, type WrittenBlock } from './continuation-writer.ts';
import { type ContinuedBlock, ContinuedText, HiddenThinking, type Joining, PassedBlock } from './continued-block.ts';
import { deliveredUsage } from './delivered-usage.ts';
import type { JsonObject } from './json.ts';
import { type MessageEvent, readMessageEvent } from './message-event.ts';
import type { ResumeRequest } from './resume-request.ts';
import { Seam } from './seam.ts';
import { SpaceJoin, type TextJoin } from './space-join.ts';
import { readEvent, SseScanner } from './sse.ts';
import { thinkingTypes } from './strip-thinking.ts';
import { blockTokens, bytesPerToken } from './token-estimate.ts';
import { type Ending, overlaid, type Transcript } from './transcript.ts';

const nothing: Uint8Array = new Uint8Array(0);
/** What is known of the answer beside what the request for its rest says. */
export interface SpliceWishes {
  /** Several text blocks in a row are natural (citations): text after a closed block is taken as it comes. */
  readonly manyTexts: boolean;
  /** Thinking is left out, also that of an answer from its beginning. */
  readonly hidesThinking: boolean;
}

/** The model stopped by itself. Any other reason may come in the middle of a word. */
const ownStops: ReadonlySet<string> = new Set(['end_turn', 'tool_use']);
const notJoined: Joining = { join: null, into: null, isWelcome: true };

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
  readonly #writer: ContinuationWriter;
  readonly #request: Pick<ResumeRequest, 'form' | 'wantsTool'>;
  readonly #manyTexts: boolean;
  readonly #scanner = new SseScanner();
  readonly #blocks = new Map<number, ContinuedBlock>();
  #tokensBefore: number;
  /** Thinking of a request that the caller did not make carries a signature that it could not use. */
  readonly #hidesThinking: boolean;
  /** The text that was said last, which the first one that comes may repeat or go on with; null where it was no text. */
  #toJoin: WrittenBlock | null;
  /** That text. */
  #joined: ContinuedText | null = null;
  #toolCame = false;
  #ending: Ending | null = null;
  #begun = false;
  #failure: string | null = null;

  /** @param said what has been released so far; it is written on */
  constructor(said: Transcript, request: Pick<ResumeRequest, 'form' | 'wantsTool'>, wishes: SpliceWishes) {
    this.#said = said;
    this.#writer = new ContinuationWriter(said);
    this.#request = request;
    this.#manyTexts = wishes.manyTexts;
    const record = said.lasting.at(-1);
    this.#toJoin = record?.type === 'text' ? { index: said.blocks.indexOf(record), record } : null;
    // Of half a thought nothing is left in the history: the answer is a new one to the caller's own request.
    this.#hidesThinking = wishes.hidesThinking || request.form !== 'again' || said.lasting.length > 0;
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
    return this.#failure !== null || isOwed || this.#writer.isEmpty ? nothing : this.#writer.take();
  }

  #take(event: MessageEvent, data: Uint8Array, raw: Uint8Array): void {
    switch (event.type) {
      case 'content_block_start':
        this.#joined?.settle(true);
        this.#blocks.set(event.index, this.#startBlock(event.block, data));
        return;
      case 'content_block_delta':
        return this.#blockAt(event.index).delta(event.delta, data);
      case 'content_block_stop':
        return this.#stop(this.#blockAt(event.index), data);
      case 'message_delta':
        return this.#finish(event);
      case 'message_stop':
        return this.#writer.end();
      case 'idle':
      case 'unknown':
        return this.#writer.raw(raw);
      case 'message_start':
        // Of a message that is continued the caller has had it. Errors never get here: they are not released.
        if (this.#request.form === 'opening') this.#open(event.message, raw);
    }
  }

  #open(message: JsonObject, raw: Uint8Array): void {
    this.#writer.open(message, raw);
    this.#toJoin = null;
    this.#tokensBefore = 0;
  }

  #blockAt(index: number): ContinuedBlock {
    return this.#blocks.get(index) as ContinuedBlock;
  }

  #startBlock(block: JsonObject, data: Uint8Array): ContinuedBlock {
    const type = String(block.type);
    if (this.#hidesThinking && thinkingTypes.has(type)) return new HiddenThinking(type);
    if (type !== 'text') return new PassedBlock(this.#writer, block, data);
    const joining = this.#toJoin === null ? notJoined : this.#joining(this.#toJoin);
    const text = new ContinuedText(this.#writer, block, data, joining);
    if (joining.join !== null) this.#joined = text;
    this.#toJoin = null;
    return text;
  }

  /** The first text of the continuation: into the block that is open, or after the one that was closed. */
  #joining(last: WrittenBlock): Joining {
    const text = last.record.wholeText();
    const { form } = this.#request;
    // White space alone cannot be repeated: it may come again, or not, and what follows it is the answer.
    const isHollow = text.trim() === '';
    const exact = form === 'prefill' || form === 'again' || isHollow;
    // Behind a block of another kind nothing goes on exactly; the words that were asked for may still be repeated.
    const isBehind = [...this.#blocks.values()].some((block) => block.isSent);
    if (exact && isBehind) return notJoined;
    return {
      join: exact ? new SpaceJoin(text) : new Seam(text),
      into: last.record.stopped ? null : last,
      isWelcome: this.#manyTexts || isHollow || isBehind,
    };
  }

  #stop(block: ContinuedBlock, data: Uint8Array): void {
    block.stop(data);
    if (block.type === 'tool_use') this.#toolCame = true;
  }

  /** Several may come; what the end is, the one with the reason tells. */
  #finish(told: Ending): void {
    this.#ending = overlaid(this.#ending, told);
    const { delta, usage, rest } = this.#ending;
    const reason = delta.stop_reason;
    if (typeof reason !== 'string') return;
    const cutShort = !ownStops.has(reason);
    this.#joined?.settle(!cutShort);
    if (reason === 'refusal') this.#toolCame = true;
    else this.#failure = this.#failureAt(cutShort);
    if (this.#failure !== null) return;
    const isDropped = reason !== 'refusal' && this.#isDropped();
    const changed = isDropped ? { ...delta, stop_reason: 'end_turn', stop_sequence: null } : delta;
    this.#writer.outcome({ delta: changed, usage: this.#usage(usage), rest });
  }

  /** Why what has come to its end is no continuation; null where it is one. */
  #failureAt(cutShort: boolean): string | null {
    if (this.#request.wantsTool && !this.#toolCame) {
      return 'the continuation brought text where a tool call was being made';
    }
    if (cutShort && this.#join?.kind === 'repeating') {
      return 'the continuation ended while it was repeating what had been said';
    }
    return this.#isEmpty() ? 'the continuation was empty' : null;
  }

  /** All that came was talk about the break: how that ended says nothing of the answer. */
  #isDropped(): boolean {
    return this.#join?.kind === 'plain' && [...this.#blocks.values()].every((block) => !block.isSent);
  }

  /** Asked to go on in the middle of a text, the model said nothing: it did not take up where it was. */
  #isEmpty(): boolean {
    if (this.#request.form !== 'anchored' || this.#said.openText === null) return false;
    const isSilent = [...this.#blocks.values()].every((block) => block instanceof HiddenThinking);
    return isSilent || (this.#join?.kind === 'repeating' && this.#join.swallowed === 0);
  }

  get #join(): TextJoin | null {
    return this.#joined?.join ?? null;
  }

  #usage(usage: JsonObject): JsonObject {
    const hidden = [...this.#blocks.values()].filter((block) => block instanceof HiddenThinking);
    return deliveredUsage((this.#said.message?.usage ?? {}) as JsonObject, {
      usage,
      tokensBefore: this.#tokensBefore,
      withheldTokens: Math.ceil((this.#joined?.withheldChars ?? 0) / bytesPerToken),
      hiddenTokens: this.#hidesThinking ? hidden.reduce((sum, { tokens }) => sum + tokens, 0) : null,
    });
  }
}
