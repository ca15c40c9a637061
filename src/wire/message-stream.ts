import { eventBytesMax, heldBytesMax } from '../core/limits.ts';
import { type JsonObject, type MessageEvent, readMessageEvent, textOf } from './message-event.ts';
import { SseScanner } from './sse.ts';
import { matchTextDelta, textDeltaPrefix } from './text-delta.ts';

/** Why a stream can no longer be trusted. */
export interface StreamFault {
  /** `error-event`: the upstream said so; `protocol`: the stream breaks the protocol; `tool-json`: a tool's arguments are not JSON though the model finished. */
  readonly kind: 'error-event' | 'protocol' | 'tool-json';
  /** One sentence of what broke. Quotes no content. */
  readonly message: string;
  /** For `error-event`: the JSON of its data, verbatim; null where that is no JSON object, and for the other kinds. */
  readonly body: Uint8Array | null;
}

export interface MessageStreamOptions {
  /** False with `eager_input_streaming`: the API itself then permits broken arguments. Default true. */
  readonly validateTools?: boolean;
}

/** A content block that has begun and not ended. */
interface OpenBlock {
  readonly type: string;
  /** Id of the server tool use this block is, or is the result of; else empty. */
  readonly toolId: string;
  /** `partial_json` of a tool's arguments so far. */
  readonly json: string[];
}

/** The arguments of a tool may end anywhere when the model was stopped: a true answer, not a broken one. */
const cuttingStopReasons = new Set(['max_tokens', 'model_context_window_exceeded', 'refusal', 'pause_turn']);
const serverTools = new Set(['server_tool_use', 'mcp_tool_use']);
const needsStart = new Set([
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
  'message_delta',
  'message_stop',
]);

/** What is unreleased, apart from what `#blocked` covers. */
const nothing = 0;
const textStart = 1;
const headOrThinking = 2;

/**
 * Follows the body of one streamed answer and tells, after each event, how much of it may be
 * released to the caller. It keeps no bytes: whoever feeds it keeps them from `releasable` on
 * and writes them as they came.
 *
 * What is unreleased is in one of these states; the event that lifts each stands after the arrow:
 *
 *     head       message_start, pings before content        → first real delta
 *     text start block start without text yet               → its first text, or its stop
 *     thinking   whole, but an end of stream could still     → next real delta
 *                be retried without shipping it twice
 *     open       any block but text, until its stop          → its stop, as below
 *     unanswered server tool without its result              → all results, a whole tool_use, message_delta
 *     broken     tool_use whose arguments are not JSON       → message_delta of a model that was cut short
 *
 * A real delta is text, a whole block other than thinking, or `message_delta`.
 *
 * @see rules R2, R9
 */
export class MessageStream {
  readonly #scanner = new SseScanner();
  readonly #validateTools: boolean;
  readonly #open = new Map<number, OpenBlock>();
  readonly #unanswered = new Set<string>();
  /** Chunks that came while a `tool-json` fault stood: `pass` goes on with them. */
  #postponed: Uint8Array[] = [];
  #nextIndex = 0;
  /** Blocks in `#open` that are held. */
  #heldOpen = 0;
  #broken = false;
  #waiting = headOrThinking;
  /** From now on every event is released as it comes. */
  #unheld = false;
  /** How a text delta of the text block that was opened last begins; null when that is closed. */
  #textPrefix: Buffer | null = null;

  #bytes = 0;
  #releasable = 0;
  #fault: StreamFault | null = null;
  #started = false;
  #progress = 0;
  #stopReason: string | null = null;
  #stopped = false;

  constructor(options: MessageStreamOptions = {}) {
    this.#validateTools = options.validateTools ?? true;
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

  /** Count of events that are neither pings nor comments nor without data: the progress clock watches it. */
  get progress(): number {
    return this.#progress;
  }

  /** `stop_reason` of the last `message_delta` that had one; null before. Once it is set, and there is no fault, the answer is complete. */
  get stopReason(): string | null {
    return this.#stopReason;
  }

  /** True once `message_stop` was seen. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /**
   * Takes the next chunk, which must not change while it is unreleased. After a fault it is
   * ignored; after a `tool-json` fault it is kept, unread, for `pass`.
   */
  feed(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    this.#follow(chunk);
  }

  /**
   * Accepts broken tool arguments: lifts a `tool-json` fault, releases everything up to and with
   * the `message_delta` that raised it, and goes on with the rest of that chunk and the chunks
   * fed since, unheld. Does nothing without such a fault.
   */
  pass(): void {
    if (this.#fault?.kind !== 'tool-json') return;
    this.#fault = null;
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
    while (this.#fault === null && scanner.next()) {
      // Nothing that comes after its end can spoil the message.
      if (this.#stopped) {
        this.#releasable = scanner.offset;
        continue;
      }
      const prefix = this.#textPrefix;
      const textBytes = prefix === null ? -1 : matchTextDelta(scanner.bytes, scanner.start, scanner.end, prefix);
      if (textBytes < 0) {
        this.#take(readMessageEvent(scanner.bytes, scanner.start, scanner.end));
      } else {
        this.#progress++;
        this.#release(textBytes > 0 ? headOrThinking : nothing);
      }
      if (this.#fault !== null) return;
      if (this.#unheld) this.#releasable = scanner.offset;
      else if (scanner.offset - this.#releasable > heldBytesMax) this.#overfull();
    }
    if (scanner.overflow) this.#break(`An event of the stream is larger than ${eventBytesMax} bytes.`);
  }

  /** Releases up to the current event, if nothing is unreleased that takes more than `lifts` to lift. */
  #release(lifts: number): void {
    if (this.#waiting > lifts || this.#heldOpen > 0 || this.#broken || this.#unanswered.size > 0) return;
    this.#waiting = nothing;
    this.#releasable = this.#scanner.offset;
  }

  #overfull(): void {
    if (this.#started) this.#unhold();
    else this.#break(`More than ${heldBytesMax} bytes came before message_start.`);
  }

  #unhold(): void {
    this.#unheld = true;
    this.#broken = false;
    this.#releasable = this.#scanner.offset;
    for (const block of this.#open.values()) block.json.length = 0;
  }

  #break(message: string): void {
    this.#fault = { kind: 'protocol', message, body: null };
  }

  /** The careful way, for every event but the plain text delta. */
  #take(event: MessageEvent): void {
    if (event.type !== 'idle') this.#progress++;
    if (!this.#started && needsStart.has(event.type)) return this.#break(`${event.type} came before message_start.`);
    switch (event.type) {
      case 'idle':
      case 'unknown':
        return this.#release(nothing);
      case 'malformed':
        return this.#break(event.message);
      case 'error':
        this.#fault = {
          kind: 'error-event',
          message: 'The upstream ended the stream with an error event.',
          body: event.body,
        };
        return;
      case 'message_start':
        if (this.#started) return this.#break('A second message_start came.');
        this.#started = true;
        return;
      case 'content_block_start':
        return this.#startBlock(event.index, event.block);
      case 'content_block_delta':
        return this.#takeDelta(event.index, event.delta);
      case 'content_block_stop':
        return this.#stopBlock(event.index);
      case 'message_delta':
        return this.#takeStopReason(event.stopReason);
      case 'message_stop':
        if (this.#stopReason === null) return this.#break('message_stop came before a stop_reason.');
        this.#stopped = true;
        return this.#conclude();
    }
  }

  #startBlock(index: number, block: JsonObject): void {
    if (index !== this.#nextIndex) {
      return this.#break(`Content block ${index} began where block ${this.#nextIndex} was due.`);
    }
    this.#nextIndex++;
    const type = textOf(block.type) ?? '';
    const toolId = textOf(serverTools.has(type) ? block.id : block.tool_use_id) ?? '';
    this.#open.set(index, { type, toolId, json: [] });
    if (type !== 'text') {
      this.#heldOpen++;
      return;
    }
    this.#textPrefix = textDeltaPrefix(index);
    this.#waiting = Math.max(this.#waiting, textStart);
    if (textOf(block.text) !== null) this.#release(headOrThinking);
  }

  #takeDelta(index: number, delta: JsonObject): void {
    const block = this.#open.get(index);
    if (block === undefined) return this.#break(`A delta came for content block ${index}, which is not open.`);
    if (block.type === 'tool_use' && this.#validateTools && !this.#unheld) {
      const json = textOf(delta.partial_json);
      if (json !== null) block.json.push(json);
    }
    this.#release(block.type === 'text' && textOf(delta.text) !== null ? headOrThinking : nothing);
  }

  #stopBlock(index: number): void {
    const block = this.#open.get(index);
    if (block === undefined) return this.#break(`A stop came for content block ${index}, which is not open.`);
    this.#open.delete(index);
    if (block.type === 'text') {
      this.#textPrefix = null;
      return this.#release(textStart);
    }
    this.#heldOpen--;
    if (block.type === 'thinking' || block.type === 'redacted_thinking') {
      this.#waiting = headOrThinking;
    } else if (serverTools.has(block.type)) {
      this.#unanswered.add(block.toolId);
    } else {
      if (block.type === 'tool_use') this.#unanswered.clear();
      else this.#unanswered.delete(block.toolId);
      if (!isJson(block.json)) this.#broken = true;
      this.#release(headOrThinking);
    }
  }

  #takeStopReason(stopReason: string | null): void {
    this.#unanswered.clear();
    if (stopReason === null) return this.#release(headOrThinking);
    this.#stopReason = stopReason;
    this.#conclude();
  }

  /** The model has finished: what is still unreleased is either good as it is, or breaks the stream. */
  #conclude(): void {
    if (this.#open.size > 0) return this.#break('The message ended while a content block was open.');
    if (this.#broken && !cuttingStopReasons.has(this.#stopReason ?? '')) {
      this.#fault = {
        kind: 'tool-json',
        message: 'The model finished, but the arguments of a tool are not JSON.',
        body: null,
      };
      return;
    }
    this.#broken = false;
    this.#release(headOrThinking);
  }
}

/** True for arguments in pieces that are JSON; none at all stand for `{}`. */
function isJson(pieces: readonly string[]): boolean {
  if (pieces.length === 0) return true;
  try {
    JSON.parse(pieces.join(''));
    return true;
  } catch {
    return false;
  }
}
