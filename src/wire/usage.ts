import type { Tokens } from '../core/events.ts';
import { isJsonObject } from './json.ts';
import type { MessageStream } from './message-stream.ts';
import { bytesPerToken } from './token-estimate.ts';

/** What stands around the content of a delta: `event: content_block_delta`, the names of its members, line ends. */
const frameBytes = 117;

/** The counts of a `usage` object; null for what is none. */
export function tokensOf(usage: unknown): Tokens | null {
  if (!isJsonObject(usage)) return null;
  return {
    input: countOf(usage.input_tokens),
    cacheWrite: countOf(usage.cache_creation_input_tokens),
    cacheRead: countOf(usage.cache_read_input_tokens),
    output: countOf(usage.output_tokens),
    estimated: false,
  };
}

function countOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/**
 * What a stream is billed for by now: `message_start` counts the input, `message_delta` the output;
 * null before the first. The output of a stream that was cut is estimated from its bytes. Thinking
 * that is not shown is billed and not seen, so that is a floor.
 */
export function streamTokens(stream: MessageStream): Tokens | null {
  const { message, final } = stream.transcript;
  const begun = stream.started ? tokensOf(message?.usage) : null;
  if (begun === null) return null;
  const ended = tokensOf(final?.usage);
  const output = ended?.output ?? null;
  return {
    input: ended?.input ?? begun.input,
    cacheWrite: ended?.cacheWrite ?? begun.cacheWrite,
    cacheRead: ended?.cacheRead ?? begun.cacheRead,
    output: output ?? Math.max(begun.output ?? 0, estimatedOutput(stream)),
    estimated: output === null,
  };
}

function estimatedOutput({ bytes, progress, transcript }: MessageStream): number {
  const startBytes = JSON.stringify(transcript.message).length;
  return Math.ceil((bytes - startBytes - progress * frameBytes) / bytesPerToken);
}
