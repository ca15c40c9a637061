import { isObject, type JsonObject } from './api/message.ts';

/**
 * The body that a client which asked for no stream would see of a recorded one: the error alone where
 * there is one, the message where it is whole, the beginning of its JSON where it breaks off. Tool
 * arguments go in as they stand, valid or not.
 * @returns null for a stream that brings no content and no error: its answer would not even begin
 */
export function collectStream(sse: readonly string[]): string | null {
  const events = sse.flatMap(dataOf);
  const error = events.find((event) => event.type === 'error');
  if (error !== undefined) return JSON.stringify(error);
  const start = events.find((event) => event.type === 'message_start');
  const delta = events.find((event) => event.type === 'message_delta');
  const message = isObject(start?.message) ? start.message : {};
  const cutShort = isObject(delta?.delta) && delta.delta.stop_reason === 'max_tokens';
  const content = contentOf(events, cutShort);
  if (delta === undefined && content === '') return null;
  const { usage, ...outcome } = isObject(delta?.delta) ? { ...delta.delta, usage: delta.usage } : {};
  const whole = { ...message, ...outcome, usage: { ...asObject(message.usage), ...asObject(usage) } };
  const text = JSON.stringify({ ...whole, content: [] }).replace('"content":[]', () => `"content":[${content}]`);
  if (delta !== undefined) return text;
  // It broke off: what was to follow the content never came.
  return text.slice(0, text.indexOf(content) + content.length - 2);
}

const asObject = (value: unknown) => (isObject(value) ? value : {});

/** The JSON of an event's data; nothing for comments, empty data and data that is torn. */
function dataOf(event: string): JsonObject[] {
  return event
    .split(/\r\n|\n|\r/)
    .filter((line) => line.startsWith('data:'))
    .flatMap((line) => {
      try {
        return [JSON.parse(line.slice(5))];
      } catch {
        return [];
      }
    })
    .filter(isObject);
}

interface OpenBlock {
  readonly block: JsonObject;
  json: string;
}

/** The blocks as JSON text, joined. */
function contentOf(events: readonly JsonObject[], cutShort: boolean): string {
  const blocks: OpenBlock[] = [];
  for (const event of events) {
    if (event.type === 'content_block_start' && isObject(event.content_block)) {
      blocks.push({ block: { ...event.content_block }, json: '' });
    }
    const open = blocks.at(-1);
    if (event.type === 'content_block_delta' && isObject(event.delta) && open !== undefined)
      addDelta(open, event.delta);
  }
  // Arguments that `max_tokens` cut short are no JSON: the API then gives none.
  return blocks.map((open) => blockJson(open, cutShort)).join(',');
}

function addDelta(open: OpenBlock, delta: JsonObject): void {
  for (const member of ['text', 'thinking', 'signature']) {
    if (typeof delta[member] === 'string') open.block[member] = `${open.block[member] ?? ''}${delta[member]}`;
  }
  if (typeof delta.partial_json === 'string') open.json += delta.partial_json;
}

function blockJson({ block, json }: OpenBlock, cutShort: boolean): string {
  const text = JSON.stringify(block);
  return json === '' || cutShort ? text : text.replace('"input":{}', () => `"input":${json}`);
}
