import { cutSignature } from './cut-thinking.ts';
import { isJsonObject, type JsonObject, parseJson } from './json.ts';

/** JSON text of a string without its quotes, in a buffer that doubles: as it came, undecoded. */
class EscapedText {
  #bytes = Buffer.alloc(0);
  length = 0;

  append(bytes: Uint8Array, start: number, end: number): void {
    const needed = this.length + end - start;
    if (needed > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(256, needed, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, this.length));
      this.#bytes = grown;
    }
    // Deltas are short: a plain loop beats a call into native code until some fifty bytes.
    if (end - start > 48) this.#bytes.set(bytes.subarray(start, end), this.length);
    else for (let i = start, at = this.length; i < end; i++, at++) this.#bytes[at] = bytes[i] as number;
    this.length = needed;
  }

  cutTo(length: number): void {
    this.length = length;
  }

  decoded(): string {
    return JSON.parse(`"${this.#bytes.toString('utf8', 0, this.length)}"`);
  }
}

/** Deltas of text: the type of block that takes them, which is also the member that they add to. */
const textDeltas: Readonly<Record<string, string>> = { text_delta: 'text', thinking_delta: 'thinking' };
/** Types of blocks that are told in deltas of their own, and not as arguments. */
const saidInDeltas: ReadonlySet<string> = new Set(['text', 'thinking', 'compaction']);

/** One content block as far as it has come. */
export class TranscriptBlock {
  readonly start: JsonObject;
  readonly type: string;
  stopped = false;
  /** Text of a text or thinking block, beyond what its start carried. */
  readonly text = new EscapedText();
  /** Pieces of `partial_json`, to be joined unparsed: big integers, `1.0` and the order of keys survive. */
  readonly json: string[] = [];
  readonly citations: unknown[] = [];
  /** Members set by other deltas: `signature` of thinking, `content` of a compaction. */
  readonly extra: Record<string, unknown> = {};
  /** A delta came that is not known in a block of this type: nobody can say what it is now. */
  opaque = false;

  constructor(start: JsonObject) {
    this.start = start;
    this.type = String(start.type);
  }

  /** Takes text that is known to be a valid JSON string's content. */
  appendEscaped(bytes: Uint8Array, start: number, end: number): void {
    this.text.append(bytes, start, end);
  }

  appendText(text: string): void {
    const escaped = Buffer.from(JSON.stringify(text));
    this.text.append(escaped, 1, escaped.length - 1);
  }

  take(delta: JsonObject): void {
    const member = textDeltas[String(delta.type)];
    const text = member === this.type ? delta[member] : undefined;
    if (typeof text === 'string') this.appendText(text);
    else if (delta.type === 'input_json_delta' && !saidInDeltas.has(this.type)) {
      // A tool without arguments is told with an empty piece, which stands for nothing.
      if (delta.partial_json !== '') this.json.push(String(delta.partial_json));
    } else if (delta.type === 'signature_delta' && this.type === 'thinking') this.extra.signature = delta.signature;
    else if (delta.type === 'citations_delta' && this.type === 'text') this.citations.push(delta.citation);
    else if (delta.type === 'compaction_delta' && this.type === 'compaction') this.#takeSummary(delta);
    else this.opaque = true;
  }

  /** What a long conversation was shortened to. */
  #takeSummary({ type: _, content, ...rest }: JsonObject): void {
    const before = this.extra.content ?? this.start.content;
    if (typeof content === 'string') this.extra.content = `${before ?? ''}${content}`;
    if (Object.keys(rest).length > 0) this.opaque = true;
  }

  /** A text block as the API tells it in one piece. */
  textBlock(): JsonObject {
    const citations = this.citations.length > 0 ? { citations: this.citations } : {};
    return { ...this.start, text: this.wholeText(), ...citations };
  }

  /** The whole text of a text or thinking block. */
  wholeText(): string {
    const first = this.start[this.type === 'thinking' ? 'thinking' : 'text'];
    return (typeof first === 'string' ? first : '') + this.text.decoded();
  }

  /** True when the arguments so far are JSON; none at all stand for `{}`. */
  hasJson(): boolean {
    return this.json.length === 0 || parseJson(this.json.join('')) !== undefined;
  }

  /** Thinking that was released live and then cut: it is not signed, and can never be sent back. */
  get isCutThinking(): boolean {
    return this.type === 'thinking' && (!this.stopped || this.extra.signature === cutSignature);
  }
}

/** How a message ends: what one `message_delta` says, or several. */
export interface Ending {
  readonly delta: JsonObject;
  readonly usage: JsonObject;
  /** Members beside `type`, `delta` and `usage`. */
  readonly rest: JsonObject;
}

/** What a `message_delta` says after another: what it leaves open stands as it was told. */
export function overlaid(before: Ending | null, { delta, usage, rest }: Ending): Ending {
  return {
    delta: { ...delta, ...nonNull(before?.delta ?? {}), ...nonNull(delta) },
    usage: { ...before?.usage, ...nonNull(usage) },
    rest: { ...before?.rest, ...rest },
  };
}

/** How far the caller has read. Changed in place: it moves with every delta. */
interface Committed {
  blocks: number;
  textBytes: number;
  stopped: boolean;
  final: Ending | null;
}

const nothingCommitted: Readonly<Committed> = { blocks: 0, textBytes: 0, stopped: false, final: null };

/**
 * What a stream has said so far, block by block. `commit` marks what has been released to the
 * caller; `rollback` forgets the rest. Text is kept as it stood on the wire, escaped, so that the
 * healthy path copies a few bytes a delta and decodes nothing.
 */
export class Transcript {
  /** `message` of `message_start`. */
  message: JsonObject | null = null;
  readonly blocks: TranscriptBlock[] = [];
  /** `delta`, `usage` and what else the `message_delta`s brought, later ones over earlier ones. */
  final: Ending | null = null;
  /** Something was released that cannot be told from here on: nothing can be resumed. */
  opaque = false;
  #committed: Committed = { ...nothingCommitted };

  /** A stream begins, the first or one that takes the place of a stream of which nothing was released. */
  begin(message: JsonObject): void {
    this.message = message;
    this.blocks.length = 0;
    this.final = null;
    this.opaque = false;
    this.#committed = { ...nothingCommitted };
  }

  startBlock(start: JsonObject): TranscriptBlock {
    const block = new TranscriptBlock(start);
    this.blocks.push(block);
    return block;
  }

  finish(ending: Ending): void {
    this.final = overlaid(this.final, ending);
  }

  /** Everything up to here has been released. */
  commit(): void {
    const last = this.blocks.at(-1);
    const committed = this.#committed;
    committed.blocks = this.blocks.length;
    committed.textBytes = last?.text.length ?? 0;
    committed.stopped = last?.stopped ?? false;
    committed.final = this.final;
  }

  /**
   * Forgets what was not released.
   * @returns the blocks that are forgotten, whole or not
   */
  rollback(): TranscriptBlock[] {
    const dropped = this.blocks.splice(this.#committed.blocks);
    this.final = this.#committed.final;
    const last = this.blocks.at(-1);
    if (last !== undefined) {
      last.text.cutTo(this.#committed.textBytes);
      last.stopped = this.#committed.stopped;
    }
    return dropped;
  }

  /** The block that has begun and not stopped; null where none has. */
  get open(): TranscriptBlock | null {
    const last = this.blocks.at(-1);
    return last === undefined || last.stopped ? null : last;
  }

  /** What has been said and can be sent back: all but thinking that was cut. */
  get lasting(): TranscriptBlock[] {
    return this.blocks.filter((block) => !block.isCutThinking);
  }

  /** The last block, if it is a text block that has not stopped. */
  get openText(): TranscriptBlock | null {
    return this.open?.type === 'text' ? this.open : null;
  }
}

function nonNull(members: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));
}

/** The JSON of a tool's arguments as an object; null where it is none. */
export function argumentsOf(block: TranscriptBlock): JsonObject | null {
  const text = block.json.join('');
  const value = text === '' ? block.start.input : parseJson(text);
  return isJsonObject(value) ? value : null;
}
