import type { JsonObject } from './json.ts';
import { thinkingTypes } from './strip-thinking.ts';
import { hasText } from './text-delta.ts';

/** A block that runs on the server: a cut between it and its result cannot be continued. */
export const serverTools: ReadonlySet<string> = new Set(['server_tool_use', 'mcp_tool_use']);
/** A type of our own: thinking that is released by delta. */
const liveThinking = 'live_thinking';
const thinking: ReadonlySet<string> = new Set([...thinkingTypes, liveThinking]);

/** What an event brings, and so what it sets free; in the order of its strength. */
export const brings = {
  /** A ping, a comment, an unknown event, an empty delta. */
  nothing: 0,
  /** The stop of a text block. */
  textStop: 1,
  /** A real delta: text, a whole block other than thinking, `message_delta`. */
  content: 2,
} as const;
export type Brings = (typeof brings)[keyof typeof brings];

/** What is wished of the release of blocks. */
export interface ReleaseWishes {
  /** True: text is released by whole block too (citations, web tools, JSON output). Default false. */
  readonly wholeText?: boolean;
  /** True: every block is released by delta, and arguments are not checked (`ridethrough-release: delta`). Default false. */
  readonly byDelta?: boolean;
  /** True: thinking is released by delta (`ridethrough-thinking: stream`); its signature comes with what follows it. Default false. */
  readonly liveThinking?: boolean;
}

/** A content block, as far as its release depends on it. */
export interface GatedBlock {
  readonly type: string;
  /** Id of the server tool use this block is, or is the result of; else empty. */
  readonly toolId: string;
}

/**
 * Decides whether the stream may be released up to the current event. What is unreleased stands
 * in these states; what sets it free is behind the arrow:
 *
 *     head        message_start and what came with it   → content
 *     text start  a block's start without text yet      → content, or its stop
 *     live        start without a word, or signature,   → content
 *                 of thinking that is released by delta
 *     thinking    whole, but a stream that breaks now   → content
 *                 can be retried without shipping it twice
 *     open        any block but text, until its stop    → its stop, into another state or as content
 *     unanswered  server tools without their results    → all results, a tool_use, message_delta
 *     broken      tool arguments that are not JSON      → `accept`
 *
 * The last three stop everything behind them; the others are one number, `#needs`.
 */
export class ReleaseGate {
  /** What an event must bring to free what is waiting. */
  #needs: Brings = brings.content;
  #held = 0;
  readonly #unanswered = new Set<string>();
  #broken = false;

  /** A whole tool block has arguments that are not JSON. */
  get broken(): boolean {
    return this.#broken;
  }

  /** A content block has begun. */
  begin(block: GatedBlock): void {
    if (block.type === liveThinking) this.#needs = brings.content;
    else if (block.type !== 'text') this.#held++;
    else if (this.#needs < brings.textStop) this.#needs = brings.textStop;
  }

  /** A delta has come. Live thinking whose signature is out could no longer be closed with another. */
  take(block: GatedBlock, delta: JsonObject): void {
    if (block.type === liveThinking && delta.type === 'signature_delta') this.#needs = brings.content;
  }

  /**
   * A content block has stopped.
   * @param valid False for a tool_use whose arguments are not JSON.
   * @returns what its stop brings
   */
  end(block: GatedBlock, valid: boolean): Brings {
    if (block.type === 'text') return brings.textStop;
    if (block.type !== liveThinking) this.#held--;
    if (thinking.has(block.type)) {
      this.#needs = brings.content;
      return brings.nothing;
    }
    if (!valid) this.#broken = true;
    if (serverTools.has(block.type)) {
      this.#unanswered.add(block.toolId);
      return brings.nothing;
    }
    if (block.type === 'tool_use') this.#unanswered.clear();
    else this.#unanswered.delete(block.toolId);
    return brings.content;
  }

  /** `message_delta` has come: no result will, for what is still unanswered. */
  giveUpResults(): void {
    this.#unanswered.clear();
  }

  /** Broken arguments are passed on as they are. */
  accept(): void {
    this.#broken = false;
  }

  /** True when everything up to and with an event that brings this may be released, which then counts as done. */
  releases(brought: Brings): boolean {
    if (this.#needs > brought || this.#held > 0 || this.#broken || this.#unanswered.size > 0) return false;
    this.#needs = brings.nothing;
    return true;
  }
}

/** Reads from the start of a content block what its release depends on. */
export function gatedBlock(block: JsonObject, wishes: ReleaseWishes): GatedBlock {
  const type = String(block.type);
  const toolId = serverTools.has(type) ? block.id : block.tool_use_id;
  return { type: releaseType(type, wishes), toolId: typeof toolId === 'string' ? toolId : '' };
}

/** The type by which a block is released, where its own is not what is wished. */
function releaseType(type: string, { byDelta, wholeText, liveThinking: live }: ReleaseWishes): string {
  if (byDelta) return 'text';
  if (type === 'text' && wholeText) return 'whole_text';
  return type === 'thinking' && live ? liveThinking : type;
}

/** True for a delta that brings content which may be released at once. */
export function says({ type }: GatedBlock, delta: JsonObject, { byDelta }: ReleaseWishes): boolean {
  if (byDelta) return true;
  return (type === 'text' && hasText(delta.text)) || (type === liveThinking && hasText(delta.thinking));
}
