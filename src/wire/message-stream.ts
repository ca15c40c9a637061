import { eventBytesMax, heldBytesMax } from '../core/limits.ts';
import type { JsonObject } from './json.ts';
import { type MessageEvent, readMessageEvent } from './message-event.ts';
import type { MessageStreamOptions } from './message-stream-options.ts';
import { type Brings, brings, type GatedBlock, gatedBlock, ReleaseGate, says } from './release-gate.ts';
import { SseScanner } from './sse.ts';
import { brokenToolFault, protocolFault, type StreamFault } from './stream-fault.ts';
import { hasText, matchTextDelta, textDeltaPrefix } from './text-delta.ts';
import { Transcript, type TranscriptBlock } from './transcript.ts';

/** A content block that has begun and not stopped. */
interface OpenBlock extends GatedBlock {
  readonly record: TranscriptBlock;
}

/**
 * Follows the body of one streamed answer and tells, after each chunk, how much of it may be
 * released to the caller, by the rules of `ReleaseGate`. It keeps no bytes: whoever feeds it
 * keeps them from `releasable` on, and writes them as they came.
 *
 * Where more than `heldBytesMax` would be held, nothing is held for the rest of the message.
 *
 * @see rules R2, R9
 */
export class MessageStream {
  readonly #scanner = new SseScanner();
  readonly #gate = new ReleaseGate();
  readonly #open = new Map<number, OpenBlock>();
  /** What it has said. */
  readonly transcript: Transcript;
  /** Chunks that came while a `tool-json` fault stood, for `pass` to go on with. */
  #postponed: Uint8Array[] = [];
  #nextIndex = 0;
  #checksTools: boolean;
  readonly #wishes: MessageStreamOptions;
  readonly #keepsAll: boolean;
  /** True: every event is released as it comes. */
  #unheld = false;
  /** How a text delta of the open text block begins; null where none is open. */
  #textPrefix: Buffer | null = null;
  #text: TranscriptBlock | null = null;

  #bytes = 0;
  #releasable = 0;
  #fault: StreamFault | null = null;
  #started = false;
  #progress = 0;
  #stopReason: string | null = null;
  #complete = false;
  #stopped = false;

  constructor(options: MessageStreamOptions = {}) {
    this.#wishes = options;
    this.#keepsAll = options.keepsAll ?? false;
    this.#checksTools = (options.validateTools ?? true) && !options.byDelta;
    this.transcript = options.transcript ?? new Transcript();
  }

  /** Bytes fed so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Offset up to which bytes may go to the caller; grows only; always the end of an event. 0 until the first real delta. */
  get releasable(): number {
    return this.#releasable;
  }

  /** What broke the stream, if anything did. Bytes before `releasable` stay good. */
  get fault(): StreamFault | null {
    return this.#fault;
  }

  /** True once `message_start` was seen. */
  get started(): boolean {
    return this.#started;
  }

  /** Count of events that are neither pings nor comments nor without data, up to `message_stop`: the progress clock watches it. */
  get progress(): number {
    return this.#progress;
  }

  /** Bytes of an event that has not ended yet. */
  get unfinished(): Buffer {
    return this.#scanner.unfinished;
  }

  /** `stop_reason` of the last `message_delta` that had one; null before. */
  get stopReason(): string | null {
    return this.#stopReason;
  }

  /** True once the model has finished and every block is good: whatever may follow, the answer is whole. */
  get complete(): boolean {
    return this.#complete;
  }

  /** True once `message_stop` was seen. Of what comes after it, pings and unknown events are released. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /**
   * Takes the next chunk. After a fault it is ignored, except that a `tool-json` fault keeps it,
   * unread, for `pass`: the caller must then not change its memory.
   */
  feed(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    this.#follow(chunk);
  }

  /**
   * Accepts broken tool arguments: lifts a `tool-json` fault, releases everything up to and with
   * the event that raised it, then reads the rest of that chunk and the chunks fed since. From
   * here on nothing is held. Does nothing where there is no such fault.
   */
  pass(): void {
    if (this.#fault?.kind !== 'tool-json') return;
    this.#fault = null;
    this.#complete = true;
    this.#unhold();
    this.#scan();
    for (const chunk of this.#postponed) this.#follow(chunk);
    this.#postponed = [];
  }

  #follow(chunk: Uint8Array): void {
    if (this.#fault === null) {
      this.#scanner.push(chunk);
      this.#scan();
    } else if (this.#fault.kind === 'tool-json') {
      this.#postponed.push(chunk);
    }
  }

  #scan(): void {
    const scanner = this.#scanner;
    while (scanner.next()) {
      if (this.#stopped) {
        this.#passAfterStop();
        continue;
      }
      this.#fault = this.#takeEvent();
      if (this.#fault !== null) return;
      if (this.#unheld) this.#releasable = scanner.offset;
      if (scanner.offset - this.#releasable > heldBytesMax) {
        if (this.#started) this.#unhold();
        else this.#fault = protocolFault(`More than ${heldBytesMax} bytes came before message_start.`);
      }
      if (this.#fault !== null) return;
    }
    if (scanner.overflow) this.#fault = protocolFault(`An event of the stream is larger than ${eventBytesMax} bytes.`);
  }

  #takeEvent(): StreamFault | null {
    const { bytes, start, end } = this.#scanner;
    const textBytes = this.#textPrefix === null ? -1 : matchTextDelta(bytes, start, end, this.#textPrefix);
    if (textBytes < 0) return this.#take(readMessageEvent(bytes, start, end));
    this.#progress++;
    const textStart = start + (this.#textPrefix as Buffer).length;
    if (this.#writesDown) (this.#text as TranscriptBlock).appendEscaped(bytes, textStart, textStart + textBytes);
    this.#release(textBytes > 0 ? brings.content : brings.nothing);
    return null;
  }

  /** An error or a second answer would spoil one that is whole: from there on nothing is released. */
  #passAfterStop(): void {
    const { bytes, start, end, offset } = this.#scanner;
    const { type } = readMessageEvent(bytes, start, end);
    this.#unheld &&= type === 'idle' || type === 'unknown';
    if (this.#unheld) this.#releasable = offset;
  }

  /** What is out in pieces cannot be continued, and is not kept for it. */
  get #writesDown(): boolean {
    return this.#keepsAll || !this.transcript.opaque;
  }

  #release(brought: Brings): void {
    if (!this.#gate.releases(brought)) return;
    this.#releasable = this.#scanner.offset;
    this.transcript.commit();
  }

  #unhold(): void {
    this.#unheld = true;
    this.#checksTools = false;
    this.#gate.accept();
    // Half a block is out now that could not be continued.
    this.transcript.opaque = true;
    this.#releasable = this.#scanner.offset;
  }

  /** The careful way, for every event but the plain text delta. */
  #take(event: MessageEvent): StreamFault | null {
    if (event.type !== 'idle') this.#progress++;
    switch (event.type) {
      case 'idle':
      case 'unknown':
        this.#release(brings.nothing);
        return null;
      case 'malformed':
        return protocolFault(event.message);
      case 'error':
        return { kind: 'error-event', message: 'The upstream ended the stream with an error event.', body: event.body };
      case 'message_start':
        if (this.#started) return protocolFault('A second message_start came.');
        this.#started = true;
        this.transcript.begin(event.message);
        return null;
    }
    if (!this.#started) return protocolFault(`A ${event.type} came before message_start.`);
    switch (event.type) {
      case 'content_block_start':
        return this.#startBlock(event.index, event.block);
      case 'content_block_delta':
        return this.#takeDelta(event.index, event.delta);
      case 'content_block_stop':
        return this.#stopBlock(event.index);
      case 'message_delta':
        this.transcript.finish(event);
        return this.#takeStopReason(event.stopReason);
      case 'message_stop':
        return this.#stopMessage();
    }
  }

  #startBlock(index: number, start: JsonObject): StreamFault | null {
    if (index !== this.#nextIndex) {
      return protocolFault(`Content block ${index} began where block ${this.#nextIndex} was due.`);
    }
    if (this.#open.size > 0) return protocolFault(`Content block ${index} began while another was open.`);
    if (this.#complete) return protocolFault(`Content block ${index} began after the message had ended.`);
    this.#nextIndex++;
    const block: OpenBlock = { ...gatedBlock(start, this.#wishes), record: this.transcript.startBlock(start) };
    this.#open.set(index, block);
    this.#gate.begin(block);
    if (block.record.type !== 'text') return null;
    this.#textPrefix = textDeltaPrefix(index);
    this.#text = block.record;
    this.#release(hasText(start.text) ? brings.content : brings.nothing);
    return null;
  }

  #takeDelta(index: number, delta: JsonObject): StreamFault | null {
    const block = this.#open.get(index);
    if (block === undefined) return protocolFault(`A delta came for content block ${index}, which is not open.`);
    if (this.#writesDown) block.record.take(delta);
    this.#gate.take(block, delta);
    this.#release(says(block, delta, this.#wishes) ? brings.content : brings.nothing);
    return null;
  }

  #stopBlock(index: number): StreamFault | null {
    const block = this.#open.get(index);
    if (block === undefined) return protocolFault(`A stop came for content block ${index}, which is not open.`);
    this.#open.delete(index);
    block.record.stopped = true;
    if (block.record.type === 'text') this.#textPrefix = null;
    this.#release(this.#gate.end(block, !this.#checksTools || block.record.hasJson()));
    return null;
  }

  #takeStopReason(stopReason: string | null): StreamFault | null {
    this.#gate.giveUpResults();
    this.#stopReason = stopReason ?? this.#stopReason;
    if (stopReason !== null) return this.#conclude();
    // The message goes on: blocks that are held stay so.
    this.#release(brings.content);
    return null;
  }

  #stopMessage(): StreamFault | null {
    if (this.#stopReason === null) return protocolFault('A message_stop came before any stop_reason.');
    this.#stopped = true;
    const fault = this.#conclude();
    this.#unheld = fault === null;
    return fault;
  }

  /** The model has finished: what is still unreleased is good as it is, or breaks the stream. */
  #conclude(): StreamFault | null {
    if (this.#open.size > 0) return protocolFault('The message ended while a content block was open.');
    const fault = this.#gate.broken ? brokenToolFault(this.#stopReason) : null;
    if (fault !== null) return fault;
    this.#gate.accept();
    this.#release(brings.content);
    this.#complete = true;
    return null;
  }
}
