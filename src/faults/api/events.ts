import type { ContentBlock, Message } from './message.ts';

/** One server-sent event as it stands on the wire, blank line and all. */
export type Frame = string;

const frame = (event: string, data: object): Frame => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** A ping, spaced as the API spaces it. */
export const ping: Frame = 'event: ping\ndata: {"type": "ping"}\n\n';

/** An `error` event, after which the API ends the stream. */
export const errorFrame = (type: string, message: string, requestId: string): Frame =>
  frame('error', { type: 'error', error: { details: null, type, message }, request_id: requestId });

/** Tokens that come in one delta, at most. */
const tokensPerDelta = 3;

/** The stream that delivers `message`. */
export function frames(message: Message): Frame[] {
  const { stop_reason, stop_sequence, stop_details, usage } = message;
  const { input_tokens, cache_creation_input_tokens, cache_read_input_tokens, output_tokens } = usage;
  const ending = { stop_reason: null, stop_sequence: null, stop_details: null };
  const opened = { ...message, ...ending, content: [], usage: { ...usage, output_tokens: 1 } };
  return [
    frame('message_start', { type: 'message_start', message: opened }),
    ...message.content.flatMap(blockFrames),
    frame('message_delta', {
      type: 'message_delta',
      delta: { stop_reason, stop_sequence, stop_details },
      usage: { input_tokens, cache_creation_input_tokens, cache_read_input_tokens, output_tokens },
    }),
    frame('message_stop', { type: 'message_stop' }),
  ];
}

function blockFrames(block: ContentBlock, index: number): Frame[] {
  const start = frame('content_block_start', { type: 'content_block_start', index, content_block: emptied(block) });
  const stop = frame('content_block_stop', { type: 'content_block_stop', index });
  const middle = deltas(block).map((delta) =>
    frame('content_block_delta', { type: 'content_block_delta', index, delta }),
  );
  return index === 0 ? [start, ping, ...middle, stop] : [start, ...middle, stop];
}

function emptied(block: ContentBlock): object {
  switch (block.type) {
    case 'thinking':
      return { ...block, thinking: '', signature: '' };
    case 'text':
      return block.citations ? { ...block, text: '', citations: [] } : { ...block, text: '' };
    case 'tool_use':
    case 'server_tool_use':
      return { ...block, input: {} };
    default:
      return block;
  }
}

function deltas(block: ContentBlock): object[] {
  switch (block.type) {
    case 'thinking':
      return [
        ...split(block.thinking).map((thinking) => ({ type: 'thinking_delta', thinking })),
        { type: 'signature_delta', signature: block.signature },
      ];
    case 'text':
      return [
        ...split(block.text).map((text) => ({ type: 'text_delta', text })),
        ...(block.citations ?? []).map((citation) => ({ type: 'citations_delta', citation })),
      ];
    case 'tool_use':
    case 'server_tool_use':
      // The API begins every tool call with an empty delta, then cuts the JSON anywhere.
      return ['', ...pieces(JSON.stringify(block.input), 12)].map((partial_json) => ({
        type: 'input_json_delta',
        partial_json,
      }));
    default:
      return [];
  }
}

/** Text in deltas of a few words each. */
function split(text: string): string[] {
  const words = text.match(/\s*\S+\s*/gu) ?? (text === '' ? [] : [text]);
  const parts: string[] = [];
  for (let at = 0; at < words.length; at += tokensPerDelta) parts.push(words.slice(at, at + tokensPerDelta).join(''));
  return parts;
}

/** Code points, so that no surrogate pair is torn: the API sends none torn. */
function pieces(text: string, size: number): string[] {
  const points = [...text];
  const parts: string[] = [];
  for (let at = 0; at < points.length; at += size) parts.push(points.slice(at, at + size).join(''));
  return parts;
}
