import { cutSignature } from './cut-thinking.ts';
import { messageEvent, messageStopEvent } from './envelope.ts';
import type { JsonObject } from './json.ts';
import { blockTokens } from './token-estimate.ts';
import type { Transcript } from './transcript.ts';

function event(type: string, data: JsonObject): Uint8Array {
  return Buffer.from(messageEvent(type, data));
}

/** A piece of text for a block. */
export function textEvent(index: number, text: string): Uint8Array {
  return event('content_block_delta', { index, delta: { type: 'text_delta', text } });
}

/** Closes the block that is open, a text or thinking that was cut: the events for it. Empty where none is open. */
export function closeOpen(said: Transcript): Uint8Array[] {
  const { open } = said;
  if (open === null) return [];
  const index = said.blocks.length - 1;
  const events = [event('content_block_stop', { index })];
  if (open.isCutThinking) {
    open.extra.signature = cutSignature;
    const delta = { type: 'signature_delta', signature: cutSignature };
    events.unshift(event('content_block_delta', { index, delta }));
  }
  open.stopped = true;
  return events;
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
  const open = closeOpen(said);
  const output = said.blocks.reduce((sum, block) => sum + blockTokens(block), 0);
  const delta = { stop_reason: stopReason, stop_sequence: null };
  return Buffer.concat([...open, messageDeltaEvent(delta, { output_tokens: output }), messageStopEvent]);
}
