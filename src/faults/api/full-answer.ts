import { createHash } from 'node:crypto';
import { type Random, seededRandom } from '../../core/random.ts';
import {
  blocksOf,
  type ContentBlock,
  isObject,
  type JsonObject,
  type Message,
  type MessagesRequest,
  objectsIn,
  textOf,
  type Usage,
} from './message.ts';
import { prose } from './prose.ts';
import { schemaValue } from './schema-value.ts';
import { type Answers, type Said, toldAnswer } from './script.ts';
import { sign } from './signature.ts';

/** Bytes of a request that count as one token. */
const bytesPerToken = 4;

/** The input tokens that the API counts for a request: a quarter of what its prompt takes as JSON. */
export function inputTokens(request: MessagesRequest): number {
  return Math.ceil(Buffer.byteLength(prompt(request)) / bytesPerToken);
}

/**
 * The answer to a whole conversation. What is told beforehand goes before what is made up: thinking
 * where `thinking` is on; then JSON where `output_config.format` asks for it, a `tool_use` where tools
 * are given and the turn brings no `tool_result`, else text. A token is a word: `max_tokens` cuts the
 * text there; what was told is not cut.
 */
export function fullAnswer(body: MessagesRequest, answers: Answers): Message {
  const random = promptRandom(body);
  const told = toldAnswer(body, answers);
  if (told !== null) return messageOf(body, { stop_reason: 'end_turn', ...told, content: signed(body, told.content) });
  const thought = thinking(body, random);
  const maxTokens = typeof body.max_tokens === 'number' ? body.max_tokens : 1024;
  const { blocks, stop_reason, tokens } = reply(body, random, Math.max(1, maxTokens - thought.length));
  return messageOf(body, { content: [...thought, ...blocks], stop_reason }, tokens + thought.length);
}

/** A generator for each prompt: equal prompts draw the same. */
export function promptRandom(body: MessagesRequest): Random {
  return seededRandom(digestOf(body).readUInt32LE(0));
}

/** What there is to say, in the form of a message. @param outputTokens default: a word counts as a token */
export function messageOf(body: MessagesRequest, said: Said, outputTokens = tokensIn(said.content)): Message {
  return {
    id: `msg_01${digestOf(body).toString('hex', 4, 15)}`,
    type: 'message',
    role: 'assistant',
    model: textOf(body.model),
    content: [...said.content],
    stop_reason: said.stop_reason,
    stop_sequence: said.stop_sequence ?? null,
    stop_details: said.stop_reason === 'refusal' ? { type: 'refusal', category: null } : null,
    usage: usage(inputTokens(body), outputTokens),
  };
}

/** The pieces of a text that count as tokens: words, each with the space after it. */
export const wordsOf = (text: string) => text.match(/\s*\S+\s*/gu) ?? [];

/** Tokens of blocks: words of text, four bytes of anything else, one for all of a thought. */
export function tokensIn(blocks: readonly ContentBlock[]): number {
  const tokens = (block: ContentBlock) =>
    block.type === 'text' ? wordsOf(block.text).length : Math.ceil(JSON.stringify(block).length / bytesPerToken);
  return blocks.reduce((sum, block) => sum + (block.type === 'thinking' ? 1 : tokens(block)), 0);
}

/** Thinking is told without its signature: that depends on the conversation. */
function signed(body: MessagesRequest, content: readonly ContentBlock[]): ContentBlock[] {
  const all: ContentBlock[] = [];
  for (const block of content) {
    all.push(block.type === 'thinking' ? { ...block, signature: sign(body, block.thinking, all) } : block);
  }
  return all;
}

/** What the answer depends on. `stream` is not in it, nor anything a client adds for transport. */
const prompt = (body: MessagesRequest) =>
  JSON.stringify([body.model, body.system, body.tools, body.tool_choice, body.thinking, body.messages]);

const digestOf = (body: MessagesRequest) => createHash('sha256').update(prompt(body)).digest();

/** The thinking that begins an answer; none where it is off. */
export function thinking(body: MessagesRequest, random: Random): ContentBlock[] {
  const config = isObject(body.thinking) ? body.thinking : {};
  if (config.type !== 'enabled' && config.type !== 'adaptive') return [];
  const shown = config.display === 'omitted' ? '' : prose(random, 12 + Math.floor(random.next() * 20)).join('');
  return [{ type: 'thinking', thinking: shown, signature: sign(body, shown) }];
}

interface Reply {
  readonly blocks: ContentBlock[];
  readonly stop_reason: Message['stop_reason'];
  readonly tokens: number;
}

function reply(body: MessagesRequest, random: Random, maxTokens: number): Reply {
  const format = isObject(body.output_config) ? body.output_config.format : undefined;
  if (isObject(format)) {
    const text = JSON.stringify(schemaValue(format.schema, random));
    return { blocks: [{ type: 'text', text }], stop_reason: 'end_turn', tokens: Math.ceil(text.length / 4) };
  }
  const tool = chosenTool(body, random);
  return tool === null ? speak(body, random, maxTokens) : callTool(tool, random);
}

function speak(body: MessagesRequest, random: Random, maxTokens: number): Reply {
  const last = objectsIn(body.messages).at(-1);
  const asked =
    last === undefined
      ? ''
      : blocksOf(last)
          .map((block) => textOf(block.text))
          .join(' ');
  const opening = `You said “${[...asked].slice(0, 60).join('')}”. `.match(/\S+\s*/gu) ?? [];
  const all = [...opening, ...prose(random, 30 + Math.floor(random.next() * 60)), 'Done.'];
  const text = all.slice(0, maxTokens).join('');
  const cut = all.length > maxTokens;
  return {
    blocks: [{ type: 'text', text }],
    stop_reason: cut ? 'max_tokens' : 'end_turn',
    tokens: Math.min(all.length, maxTokens),
  };
}

function callTool(tool: JsonObject, random: Random): Reply {
  const input = schemaValue(tool.input_schema, random);
  const intro: ContentBlock[] = random.next() < 0.5 ? [{ type: 'text', text: `I will use ${textOf(tool.name)}.` }] : [];
  const call: ContentBlock = {
    type: 'tool_use',
    id: `toolu_01${random.id()}`,
    name: textOf(tool.name),
    input: isObject(input) ? input : {},
  };
  return {
    blocks: [...intro, call],
    stop_reason: 'tool_use',
    tokens: 20 + Math.ceil(JSON.stringify(input).length / 4),
  };
}

/** Tools that run at the API have no `input_schema`; they are left unused. */
function chosenTool(body: MessagesRequest, random: Random): JsonObject | null {
  const choice = isObject(body.tool_choice) ? body.tool_choice : {};
  const tools = objectsIn(body.tools).filter((tool) => isObject(tool.input_schema));
  const last = objectsIn(body.messages).at(-1);
  const answered = last !== undefined && blocksOf(last).some((block) => block.type === 'tool_result');
  if (tools.length === 0 || choice.type === 'none' || answered) return null;
  if (choice.type === 'tool') return tools.find((tool) => tool.name === choice.name) ?? null;
  return tools[Math.floor(random.next() * tools.length)] ?? null;
}

function usage(input: number, output: number): Usage {
  return {
    input_tokens: input,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    output_tokens: output,
    service_tier: 'standard',
    inference_geo: 'not_available',
  };
}
