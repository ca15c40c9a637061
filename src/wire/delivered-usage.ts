import { isJsonObject, type JsonObject } from './json.ts';

/** Counts of a request; those of a continuation are of a request that the caller did not make. */
const requestCounts = ['input_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens', 'cache_creation'];

/** What a continuation has told, of which the caller does not get everything. */
export interface Continued {
  /** `usage` of its `message_delta`. */
  readonly usage: JsonObject;
  /** Tokens of what was released before it. */
  readonly tokensBefore: number;
  /** Tokens of the words that it repeated, and of its talk about the break. */
  readonly withheldTokens: number;
  /** Tokens of its thinking as far as that was shown, where the caller does not get it; null where it does. */
  readonly hiddenTokens: number | null;
}

/**
 * `usage` of the message as it was delivered (R10): the input of the request that the caller made, and
 * what was said before plus what came now.
 * @param started `usage` of the `message_start` that the caller has
 */
export function deliveredUsage(started: JsonObject, continued: Continued): JsonObject {
  const { usage, tokensBefore, withheldTokens, hiddenTokens } = continued;
  const { output_tokens_details: details, ...rest } = usage;
  const merged: Record<string, unknown> = { ...rest };
  for (const name of requestCounts) {
    if (!(name in merged)) continue;
    if (name in started) merged[name] = started[name];
    else delete merged[name];
  }
  if (hiddenTokens === null && details !== undefined) merged.output_tokens_details = details;
  // Of thinking that is not even shown, only this count tells.
  const counted = isJsonObject(details) ? details.thinking_tokens : null;
  const hidden = hiddenTokens === null ? 0 : typeof counted === 'number' ? counted : hiddenTokens;
  const now = typeof usage.output_tokens === 'number' ? usage.output_tokens : 0;
  merged.output_tokens = tokensBefore + Math.max(0, now - withheldTokens - hidden);
  return merged;
}
