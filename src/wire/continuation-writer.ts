import { messageStopEvent } from './envelope.ts';
import type { JsonObject } from './json.ts';
import type { Ending, Transcript, TranscriptBlock } from './transcript.ts';
import { closeOpen, eventAt, messageDeltaEvent, textEvent } from './written-events.ts';

/** A block of the caller's stream, and its record in the transcript. */
export interface WrittenBlock {
  readonly index: number;
  readonly record: TranscriptBlock;
}

/** Writes the events for the caller, and down in the transcript what they say: neither is done without the other. */
export class ContinuationWriter {
  readonly said: Transcript;
  #out: Uint8Array[] = [];

  /** @param said what has been released so far; it is written on */
  constructor(said: Transcript) {
    this.said = said;
  }

  get isEmpty(): boolean {
    return this.#out.length === 0;
  }

  /** The message begins: what stood in the transcript is of an attempt of which nothing was sent. */
  open(message: JsonObject, raw: Uint8Array): void {
    this.said.begin(message);
    this.raw(raw);
  }

  /** Begins a block, after closing the one that is open. @param data of its `content_block_start` */
  start(data: Uint8Array, block: JsonObject): WrittenBlock {
    this.#out.push(...closeOpen(this.said));
    const index = this.said.blocks.length;
    this.#out.push(eventAt('content_block_start', data, index));
    return { index, record: this.said.startBlock(block) };
  }

  text({ index, record }: WrittenBlock, text: string): void {
    record.appendText(text);
    this.#out.push(textEvent(index, text));
  }

  delta({ index, record }: WrittenBlock, data: Uint8Array, delta: JsonObject): void {
    record.take(delta);
    this.#out.push(eventAt('content_block_delta', data, index));
  }

  stop({ index, record }: WrittenBlock, data: Uint8Array): void {
    if (record.stopped) return;
    record.stopped = true;
    this.#out.push(eventAt('content_block_stop', data, index));
  }

  /** The outcome of the message, after closing the block that is open. */
  outcome(ending: Ending): void {
    this.#out.push(...closeOpen(this.said));
    this.said.finish(ending);
    this.#out.push(messageDeltaEvent(ending));
  }

  end(): void {
    this.#out.push(messageStopEvent);
  }

  /** An event as it came. @param event valid until the next is read */
  raw(event: Uint8Array): void {
    this.#out.push(Uint8Array.from(event));
  }

  /** What is to be sent now: it counts as sent. */
  take(): Uint8Array {
    const bytes = Buffer.concat(this.#out);
    this.#out = [];
    this.said.commit();
    return bytes;
  }
}
