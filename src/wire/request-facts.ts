import type { RequestFacts } from '../core/call.ts';
import { textOf } from './json.ts';
import { type Span, scanMembers, valueAt } from './json-scan.ts';

const wanted: ReadonlySet<string> = new Set(['model', 'stream', 'max_tokens', 'thinking']);
const typeMember: ReadonlySet<string> = new Set(['type']);
const invalidJson = 'The request body is not valid JSON.';
/** Far beyond any model's name, which the engine keeps with every route, and the metrics in every label. */
const modelLengthMax = 256;

/**
 * What the engine needs to know of a request body, found without parsing it.
 * @param endpoint `max_tokens` is demanded for `messages` only
 * @returns `problem`: why the API is certain to refuse the body, one sentence in the API's own manner
 */
export function requestFacts(
  bytes: Uint8Array,
  endpoint: 'messages' | 'count_tokens',
): { facts: RequestFacts } | { problem: string } {
  const members = scanMembers(bytes, wanted);
  if (members === null) return { problem: bodyProblem(bytes) };
  const model = valueAt(bytes, members.get('model'));
  if (model === undefined) return { problem: members.has('model') ? invalidJson : 'model: Field required' };
  if (typeof model !== 'string') return { problem: 'model: Input should be a valid string' };
  if (model === '') return { problem: 'model: String should have at least 1 character' };
  if (model.length > modelLengthMax) {
    return { problem: `model: String should have at most ${modelLengthMax} characters` };
  }

  const stream = valueAt(bytes, members.get('stream')) ?? false;
  if (typeof stream !== 'boolean') return { problem: 'stream: Input should be a valid boolean' };

  const maxTokens = valueAt(bytes, members.get('max_tokens'));
  const problem = endpoint === 'messages' ? maxTokensProblem(maxTokens) : null;
  if (problem !== null) return { problem };
  return {
    facts: {
      model,
      // Nothing else is answered as events, whatever stands in its body.
      stream: stream && endpoint === 'messages',
      maxTokens: typeof maxTokens === 'number' ? maxTokens : null,
      thinks: isOn(bytes, members.get('thinking')),
    },
  };
}

/** Scanned, not parsed: what stands there may be megabytes of something else. */
function isOn(bytes: Uint8Array, span: Span | undefined): boolean {
  const thinking = span && bytes.subarray(span.start, span.end);
  const members = thinking && scanMembers(thinking, typeMember);
  return members ? valueAt(thinking, members.get('type')) !== 'disabled' : false;
}

function bodyProblem(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'The request body is empty; it should be a JSON object.';
  // Only bodies that begin like another JSON value are worth telling from broken ones: no large parse.
  return /^\s*["[\dtfn-]/.test(textOf(bytes.subarray(0, 64)))
    ? 'The request body should be a JSON object.'
    : invalidJson;
}

/** 0 is legal: it warms the prompt cache without an answer. */
function maxTokensProblem(value: unknown): string | null {
  if (value === undefined) return 'max_tokens: Field required';
  if (typeof value !== 'number' || !Number.isInteger(value)) return 'max_tokens: Input should be a valid integer';
  return value < 0 ? 'max_tokens: Input should be greater than or equal to 0' : null;
}
