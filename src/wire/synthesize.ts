import { messageEvent } from './envelope.ts';
import { isJsonObject, type JsonObject, textOf } from './json.ts';
import { type Span, scanElements, scanMembers, valueAt } from './json-scan.ts';

const contentMember: ReadonlySet<string> = new Set(['content']);
const inputMember: ReadonlySet<string> = new Set(['input']);
/** Members of a message that a stream tells at its end, in `message_delta`. */
const endMembers: readonly string[] = ['stop_reason', 'stop_sequence', 'stop_details', 'container'];

/**
 * The events of an answer that came in one piece (R12), for a caller who asked for a stream.
 * @param answer bytes of one Messages answer
 * @returns null when they are none
 */
export function answerAsEvents(answer: Uint8Array): Uint8Array | null {
  const message = valueAt(answer, { start: 0, end: answer.length });
  const content = scanMembers(answer, contentMember)?.get('content');
  const spans = content && scanElements(answer, content);
  if (!isJsonObject(message) || message.type !== 'message' || !spans) return null;

  const usage = (message.usage ?? {}) as JsonObject;
  const start = { ...message, content: [], usage: { ...usage, output_tokens: 1 } };
  for (const name of endMembers) if (name in message) (start as Record<string, unknown>)[name] = null;
  const end = Object.fromEntries(endMembers.filter((name) => name in message).map((name) => [name, message[name]]));
  const events = [
    messageEvent('message_start', { message: start }),
    ...spans.flatMap((span, index) => blockEvents(answer, span, index)),
    messageEvent('message_delta', { delta: end, usage }),
    messageEvent('message_stop', {}),
  ];
  return Buffer.from(events.join(''));
}

function blockEvents(answer: Uint8Array, span: Span, index: number): string[] {
  const block = valueAt(answer, span) as JsonObject;
  const deltas: JsonObject[] = [];
  let start = block;
  if (block.type === 'text') {
    start = { ...block, text: '' };
    deltas.push({ type: 'text_delta', text: block.text });
    if (Array.isArray(block.citations)) {
      start = { ...start, citations: [] };
      for (const citation of block.citations) deltas.push({ type: 'citations_delta', citation });
    }
  } else if (block.type === 'thinking') {
    start = { ...block, thinking: '', signature: '' };
    if (block.thinking !== '') deltas.push({ type: 'thinking_delta', thinking: block.thinking });
    deltas.push({ type: 'signature_delta', signature: block.signature });
  } else if (block.type === 'tool_use' || block.type === 'server_tool_use') {
    start = { ...block, input: {} };
    // The bytes as they came: numbers keep their form.
    const input = scanMembers(answer.subarray(span.start, span.end), inputMember)?.get('input');
    const json = input && textOf(answer.subarray(span.start + input.start, span.start + input.end));
    deltas.push({ type: 'input_json_delta', partial_json: json ?? '{}' });
  }
  return [
    messageEvent('content_block_start', { index, content_block: start }),
    ...deltas.map((delta) => messageEvent('content_block_delta', { index, delta })),
    messageEvent('content_block_stop', { index }),
  ];
}
