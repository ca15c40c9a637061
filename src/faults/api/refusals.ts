import { inputTokens } from './full-answer.ts';
import { blocksOf, isObject, type JsonObject, type MessagesRequest, objectsIn, textOf } from './message.ts';
import { findModel, type ModelFacts } from './models.ts';
import { signatureProblem } from './signature.ts';
import { toolPairingProblem } from './tool-pairing.ts';

/** Why the API does not serve a request. */
export interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly message: string;
  /** `error.details.error_code`; default none. */
  readonly code?: string;
}

/** A 400, with the API's own sentence. */
export const invalidRequest = (message: string): Refusal => ({ status: 400, type: 'invalid_request_error', message });

/**
 * What the real API refuses about a Messages request, in its words.
 * @param counting true for count_tokens, which has no `max_tokens`
 * @returns null for a request that is served
 */
export function refusalOf(request: MessagesRequest, counting: boolean): Refusal | null {
  const missing = missingMember(request, counting);
  if (missing !== null) return invalidRequest(`${missing}: Field required`);
  const model = findModel(textOf(request.model));
  if (model === undefined) return { status: 404, type: 'not_found_error', message: `model: ${textOf(request.model)}` };
  const problem =
    (counting ? null : maxTokensProblem(request, model)) ??
    messagesProblem(request) ??
    settingsProblem(request, model) ??
    toolPairingProblem(request) ??
    prefillProblem(request, model) ??
    signatureProblem(request) ??
    lengthProblem(request, model);
  return problem === null ? null : invalidRequest(problem);
}

function missingMember(request: MessagesRequest, counting: boolean): string | null {
  const needed = counting ? ['model', 'messages'] : ['model', 'max_tokens', 'messages'];
  return needed.find((name) => request[name] === undefined) ?? null;
}

function maxTokensProblem(request: MessagesRequest, model: ModelFacts): string | null {
  const value = request.max_tokens;
  if (typeof value !== 'number' || !Number.isInteger(value)) return 'max_tokens: Input should be a valid integer';
  if (value < 1) return 'max_tokens: Input should be greater than or equal to 1';
  if (value <= model.outputTokensMax) return null;
  return `max_tokens: ${value} > ${model.outputTokensMax}, which is the maximum allowed number of output tokens for ${model.id}`;
}

function messagesProblem(request: MessagesRequest): string | null {
  if (!Array.isArray(request.messages)) return 'messages: Input should be a valid array';
  if (request.messages.length === 0) return 'messages: at least one message is required';
  for (const [index, message] of request.messages.entries()) {
    if (!isObject(message)) return `messages.${index}: Input should be a valid dictionary`;
    if (message.role !== 'user' && message.role !== 'assistant' && message.role !== 'system') {
      return `messages.${index}.role: Input should be 'user' or 'assistant'`;
    }
    const hollow = objectsIn(message.content).some(
      (block) => block.type === 'text' && textOf(block.text).trim() === '',
    );
    if (hollow) return 'messages: text content blocks must contain non-whitespace text';
    const empty = blocksOf(message).every((block) => block.type === 'text' && block.text === '');
    if (empty && index < request.messages.length - 1) {
      return `messages.${index}: all messages must have non-empty content except for the optional final assistant message`;
    }
  }
  return null;
}

function settingsProblem(request: MessagesRequest, model: ModelFacts): string | null {
  const thinking = isObject(request.thinking) ? request.thinking.type : undefined;
  if (thinking !== undefined && !model.thinking.some((type) => type === thinking)) {
    return `thinking.type: "${textOf(thinking)}" is not supported by this model. Supported types: ${model.thinking.join(', ')}.`;
  }
  const choice = isObject(request.tool_choice) ? request.tool_choice.type : undefined;
  if (!model.forcedTool && (choice === 'any' || choice === 'tool')) {
    return `tool_choice.type: "${choice}" is not supported by this model. Use "auto" or "none".`;
  }
  return null;
}

/** A turn of a server tool that was paused ends with the assistant, and is sent back as it is. */
const isPaused = (block: JsonObject | undefined) =>
  block !== undefined && (block.type === 'server_tool_use' || textOf(block.type).endsWith('_tool_result'));

function prefillProblem(request: MessagesRequest, model: ModelFacts): string | null {
  const messages = objectsIn(request.messages);
  const last = messages.at(-1);
  if (last?.role !== 'assistant') return null;
  const end = blocksOf(last).at(-1);
  if (isPaused(end)) return null;
  const format = isObject(request.output_config) ? request.output_config.format : undefined;
  if (!model.prefill || isObject(format)) {
    return 'This model does not support assistant message prefill. The conversation must end with a user message.';
  }
  if (isObject(request.thinking) && request.thinking.type !== 'disabled' && blocksOf(last)[0]?.type === 'text') {
    return `messages.${messages.length - 1}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`text\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block.`;
  }
  if (end?.type === 'text' && /\s$/u.test(textOf(end.text))) {
    return 'messages: final assistant content cannot end with trailing whitespace';
  }
  return null;
}

function lengthProblem(request: MessagesRequest, model: ModelFacts): string | null {
  const tokens = inputTokens(request);
  return tokens > model.inputTokensMax
    ? `prompt is too long: ${tokens} tokens > ${model.inputTokensMax} maximum`
    : null;
}
