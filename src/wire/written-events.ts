import { messageStopEvent } from './envelope.ts';
import type { JsonObject } from './json.ts';
import { blockTokens } from './resume-request.ts';
import type { Transcript } from './transcript.ts';

function event(name: string, data: JsonObject): Uint8Array {
  return Buffer.from(`event: ${name}\ndata: ${JSON.stringify({ type: name, ...data })}\n\n`);
}

/** A piece of text for a block. */
export function textEvent(index: number, text: string): Uint8Array {
  return event('content_block_delta', { index, delta: { type: 'text_delta', text } });
}

/** The end of a block. */
export function stopEvent(index: number): Uint8Array {
  return event('content_block_stop', { index });
}

/** The outcome of a message. `usage` has `output_tokens`: clients cannot do without. */
export function messageDeltaEvent(delta: JsonObject, usage: JsonObject): Uint8Array {
  return event('message_delta', { delta, usage });
}

/**
 * The events that end a broken answer where it stands, as if the model had stopped there.
 * @param stopReason `tool_use` after a whole client tool, `max_tokens` when nothing is left to ask for
 */
export function closingEvents(said: Transcript, stopReason: string): Uint8Array {
  const open = said.openText === null ? [] : [stopEvent(said.blocks.length - 1)];
  const output = said.blocks.reduce((sum, block) => sum + blockTokens(block), 0);
  const delta = { stop_reason: stopReason, stop_sequence: null };
  return Buffer.concat([...open, messageDeltaEvent(delta, { output_tokens: output }), messageStopEvent]);
}
