/** A block that runs on the server: a cut between it and its result cannot be continued. */
const serverTools = new Set(['server_tool_use', 'mcp_tool_use']);
const thinkingTypes = new Set(['thinking', 'redacted_thinking']);

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
 *     thinking    whole, but a stream that breaks now   → content
 *                 can be retried without shipping it twice
 *     open        any block but text, until its stop    → its stop, into another state or as content
 *     unanswered  server tools without their results    → all results, a tool_use, message_delta
 *     broken      tool arguments that are not JSON      → `accept`
 *
 * The last three stop everything behind them; the first three are one number, `#needs`.
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
    if (block.type !== 'text') this.#held++;
    else if (this.#needs < brings.textStop) this.#needs = brings.textStop;
  }

  /**
   * A content block has stopped.
   * @param valid False for a tool_use whose arguments are not JSON.
   * @returns what its stop brings
   */
  end(block: GatedBlock, valid: boolean): Brings {
    if (block.type === 'text') return brings.textStop;
    this.#held--;
    if (thinkingTypes.has(block.type)) {
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
export function gatedBlock(block: { readonly [member: string]: unknown }): GatedBlock {
  const type = String(block.type);
  const toolId = serverTools.has(type) ? block.id : block.tool_use_id;
  return { type, toolId: typeof toolId === 'string' ? toolId : '' };
}
