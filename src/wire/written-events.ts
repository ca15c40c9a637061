import { cutSignature } from './cut-thinking.ts';
import { messageEvent, messageStopEvent } from './envelope.ts';
import { type JsonObject, textOf } from './json.ts';
import { replaceMembers } from './json-edit.ts';
import { scanMembers } from './json-scan.ts';
import { blockTokens } from './token-estimate.ts';
import type { Ending, Transcript } from './transcript.ts';

function event(type: string, data: JsonObject): Uint8Array {
  return Buffer.from(messageEvent(type, data));
}

const indexMember: ReadonlySet<string> = new Set(['index']);

/** An event of a block that has another index for the caller; all else in its data stays byte for byte. */
export function eventAt(name: string, data: Uint8Array, index: number): Uint8Array {
  const span = scanMembers(data, indexMember)?.get('index');
  const json = span === undefined ? data : replaceMembers(data, [{ span, json: String(index) }]);
  return Buffer.from(`event: ${name}\ndata: ${textOf(json).replaceAll('\n', ' ')}\n\n`);
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
export function messageDeltaEvent({ delta, usage, rest }: Ending): Uint8Array {
  return event('message_delta', { delta, usage, ...rest });
}

/**
 * The events that end a broken answer where it stands, as if the model had stopped there.
 * @param stopReason `tool_use` after a whole client tool, `max_tokens` when nothing is left to ask for
 */
export function closingEvents(said: Transcript, stopReason: string): Uint8Array {
  const open = closeOpen(said);
  const output = said.blocks.reduce((sum, block) => sum + blockTokens(block), 0);
  const delta = { stop_reason: stopReason, stop_sequence: null };
  return Buffer.concat([
    ...open,
    messageDeltaEvent({ delta, usage: { output_tokens: output }, rest: {} }),
    messageStopEvent,
  ]);
}
