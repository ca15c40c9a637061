/**
 * A strict reader of Messages streams, written from the protocol's description and from nothing of the
 * product's: what it shares no code with, it can find wrong. It takes the whole of what a caller
 * received, and knows no mercy: what the official SDKs would let pass is a broken stream all the same.
 */

type JsonObject = Record<string, unknown>;

/** A Messages answer put together from its stream. */
export interface ReadMessage {
  readonly id: unknown;
  readonly model: unknown;
  readonly content: readonly JsonObject[];
  readonly stop_reason: string;
  readonly stop_sequence: string | null;
  readonly usage: JsonObject;
}

/** How a stream ended. `error`: with an error event, before which everything was in order. */
export type Reading =
  | { readonly end: 'message'; readonly message: ReadMessage }
  | { readonly end: 'error'; readonly error: JsonObject; readonly content: readonly JsonObject[] };

/** An invariant of the protocol that a stream breaks; the message names it and the event. */
export class BrokenInvariant extends Error {}

/**
 * @param bytes all that the caller received
 * @param spoilt how many of the upstream's answers did not keep to the protocol. Where any did not, events of
 *   unknown names and what events have in them are its own affair, but not their order, their JSON and how it
 *   all ends; arguments of a tool that are no JSON twice are passed on.
 * @throws BrokenInvariant
 */
export function checkStream(bytes: Uint8Array, spoilt = 0): Reading {
  const reader = new StreamReader(spoilt);
  for (const [index, frame] of framesOf(bytes).entries()) reader.read(frame, index);
  return reader.finish();
}

/** Events as text, without their blank lines. */
function framesOf(bytes: Uint8Array): string[] {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new BrokenInvariant('the bytes are valid UTF-8');
  }
  const frames = text.replaceAll(/\r\n?/g, '\n').split('\n\n');
  // A line end more is none too few.
  if (!/^\n?$/.test(frames.pop() ?? '')) throw new BrokenInvariant('the body ends with a whole event');
  return frames;
}

function parsed(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Deltas that a block of a type may have; other types of blocks come whole. */
const deltasOf: Readonly<Record<string, readonly string[]>> = {
  text: ['text_delta', 'citations_delta'],
  thinking: ['thinking_delta', 'signature_delta'],
  tool_use: ['input_json_delta'],
  server_tool_use: ['input_json_delta'],
};

interface OpenBlock {
  readonly block: JsonObject;
  json: string;
}

const known =
  /^(message_start|message_delta|message_stop|content_block_start|content_block_delta|content_block_stop|error|ping)$/;

class StreamReader {
  readonly #spoilt: number;
  #message: JsonObject | null = null;
  readonly #content: JsonObject[] = [];
  #open: OpenBlock | null = null;
  #outcome: { stop_reason: string; stop_sequence: string | null } | null = null;
  #usage: JsonObject = {};
  #stopped = false;
  #error: JsonObject | null = null;
  #where = '';

  constructor(spoilt: number) {
    this.#spoilt = spoilt;
  }

  read(frame: string, index: number): void {
    this.#where = `event ${index} (${frame.slice(0, 80)})`;
    const event = this.#parse(frame);
    if (event === null) return;
    if (event.type === 'ping') return this.#must(this.#error === null, 'nothing follows an error');
    this.#must(
      !this.#stopped && this.#error === null,
      'nothing but pings follows message_stop, nothing at all an error',
    );
    switch (event.type) {
      case 'message_start':
        return this.#start(event);
      case 'content_block_start':
        return this.#startBlock(event);
      case 'content_block_delta':
        return this.#delta(event);
      case 'content_block_stop':
        return this.#stopBlock(event);
      case 'message_delta':
        return this.#end(event);
      case 'message_stop':
        this.#must(this.#outcome !== null, 'a message_delta with stop_reason comes before message_stop');
        this.#stopped = true;
        return;
      case 'error':
        this.#should(isObject(event.error), 'an error event says what went wrong');
        this.#error = isObject(event.error) ? event.error : {};
        return;
      default:
        this.#must(false, 'every event is one that the upstream sent, or a ping');
    }
  }

  finish(): Reading {
    this.#where = 'the end';
    if (this.#error !== null) {
      const { type, message } = this.#error;
      this.#must(typeof type === 'string' && /_error$/.test(type), 'an error has a type');
      this.#must(typeof message === 'string' && message.length > 0, 'an error has a message');
      return { end: 'error', error: this.#error, content: this.#content };
    }
    this.#must(this.#stopped, 'message_stop is the last event');
    const { id, model, usage } = this.#message ?? {};
    const merged = { ...(isObject(usage) ? usage : {}), ...this.#usage };
    const outcome = this.#outcome ?? { stop_reason: '', stop_sequence: null };
    return { end: 'message', message: { id, model, content: this.#content, ...outcome, usage: merged } };
  }

  #must(holds: boolean, invariant: string): void {
    if (!holds) throw new BrokenInvariant(`${invariant}: broken at ${this.#where}`);
  }

  /** Holds for events as the API writes them. */
  #should(holds: boolean, invariant: string): void {
    this.#must(this.#spoilt > 0 || holds, invariant);
  }

  /** @returns null for what is no event to a client */
  #parse(frame: string): JsonObject | null {
    const lines = frame.split('\n').filter((line) => line !== '' && !line.startsWith(':'));
    const values = (name: string) =>
      lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).trimStart());
    const [names, texts] = [values('event'), values('data')];
    this.#should(lines.length === 2 && names.length === 1, 'an event has one name and one line of data');
    const name = names.at(-1) ?? '';
    const data = parsed(texts.join('\n'));
    if (this.#spoilt > 0) {
      if (texts.join('') === '' || name === 'ping') return null;
      if (!known.test(name === '' ? String(data?.type) : name)) return null;
    }
    if (data === null) throw new BrokenInvariant(`the data is a JSON object: broken at ${this.#where}`);
    const half = this.#spoilt > 0 && (name === '' || data.type === undefined);
    this.#must(data.type === name || half, "the event's name is the type in its data");
    return half ? { ...data, type: name === '' ? data.type : name } : data;
  }

  #start({ message }: JsonObject): void {
    this.#must(this.#message === null, 'there is one message_start');
    if (!isObject(message)) throw new BrokenInvariant(`message_start has a message: broken at ${this.#where}`);
    this.#should(Array.isArray(message.content) && message.content.length === 0, 'a message begins without content');
    this.#should(message.stop_reason === null && message.role === 'assistant', 'a message begins without an end');
    this.#should(isObject(message.usage), 'a message begins with its usage');
    this.#message = message;
  }

  #startBlock({ index, content_block: block }: JsonObject): void {
    this.#must(this.#message !== null, 'message_start is the first event');
    this.#must(this.#outcome === null, 'no block follows message_delta');
    this.#must(this.#open === null, 'a block is closed before the next begins');
    this.#must(index === this.#content.length, 'indices are contiguous');
    if (!isObject(block)) throw new BrokenInvariant(`a block has a content_block: broken at ${this.#where}`);
    this.#should(typeof block.type === 'string', 'a block has a type');
    if (block.type === 'text') this.#should(block.text === '', 'a text begins empty');
    if (block.type === 'tool_use' || block.type === 'server_tool_use') {
      this.#should(isObject(block.input) && Object.keys(block.input).length === 0, 'the input of a tool begins empty');
      this.#should(typeof block.id === 'string' && typeof block.name === 'string', 'a tool call has id and name');
    }
    const copy = structuredClone(block);
    this.#content.push(copy);
    this.#open = { block: copy, json: '' };
  }

  #delta({ index, delta }: JsonObject): void {
    const open = this.#open;
    if (open === null) throw new BrokenInvariant(`a delta belongs to an open block: broken at ${this.#where}`);
    this.#must(index === this.#content.length - 1, 'a delta belongs to the open block');
    if (!isObject(delta)) throw new BrokenInvariant(`a delta has a delta: broken at ${this.#where}`);
    const { block } = open;
    const type = String(delta.type);
    const own = (deltasOf[String(block.type)] ?? []).includes(type);
    this.#should(own, `a ${block.type} block has deltas of its own types`);
    if (!own) return;
    if (block.type === 'thinking') this.#should(block.signature === '', 'nothing follows the signature of a thought');
    switch (type) {
      case 'text_delta':
        return this.#add(block, 'text', delta.text);
      case 'thinking_delta':
        return this.#add(block, 'thinking', delta.thinking);
      case 'signature_delta':
        return this.#add(block, 'signature', delta.signature);
      case 'citations_delta':
        this.#should(isObject(delta.citation), 'a citations_delta has a citation');
        block.citations = [...(Array.isArray(block.citations) ? block.citations : []), delta.citation];
        return;
      default:
        this.#must(typeof delta.partial_json === 'string', 'an input_json_delta has partial_json');
        open.json += String(delta.partial_json);
    }
  }

  #add(block: JsonObject, member: string, more: unknown): void {
    this.#must(typeof more === 'string', `a delta has ${member}`);
    block[member] = `${block[member] ?? ''}${more}`;
  }

  #stopBlock({ index }: JsonObject): void {
    const open = this.#open;
    if (open === null) throw new BrokenInvariant(`only an open block is closed: broken at ${this.#where}`);
    this.#must(index === this.#content.length - 1, 'the block that is closed is the open one');
    if (open.block.type === 'thinking') this.#should(open.block.signature !== '', 'a thought is signed');
    if (open.json !== '') open.block.input = this.#parseInput(open.json);
    this.#open = null;
  }

  #parseInput(json: string): JsonObject {
    try {
      const input: unknown = JSON.parse(json);
      if (isObject(input)) return input;
    } catch {
      // Said below.
    }
    if (this.#spoilt > 1) return {};
    throw new BrokenInvariant(`the input of a tool is a JSON object when its block closes: broken at ${this.#where}`);
  }

  #end({ delta, usage }: JsonObject): void {
    this.#must(this.#message !== null, 'message_start is the first event');
    this.#must(this.#open === null, 'every block is closed before message_delta');
    if (!isObject(delta)) throw new BrokenInvariant(`message_delta has a delta: broken at ${this.#where}`);
    const { stop_reason, stop_sequence } = delta;
    // There may be several; the last word on how it ended is the last that has one.
    if (typeof stop_reason !== 'string') return this.#should(false, 'message_delta has a stop_reason');
    this.#should(isObject(usage) && typeof usage.output_tokens === 'number', 'message_delta has usage.output_tokens');
    const calls = this.#content.some((block) => block.type === 'tool_use');
    if (stop_reason === 'tool_use') this.#should(calls, 'stop_reason tool_use comes with a tool_use block');
    this.#outcome = {
      stop_reason,
      stop_sequence: typeof stop_sequence === 'string' ? stop_sequence : null,
    };
    for (const [name, value] of Object.entries(isObject(usage) ? usage : {}))
      if (value !== null) this.#usage[name] = value;
  }
}
