import { bodyBytesMax } from '../core/limits.ts';
import type { TimeSlice } from '../core/time-slice.ts';
import { parseJson, textOf } from '../wire/json.ts';
import { type Span, scanElements, scanMembers, valueAt } from '../wire/json-scan.ts';

/** What a batch holds of one request. */
export interface BatchPart {
  readonly customId: string;
  /** The `params` as they were sent, byte for byte. */
  readonly params: Uint8Array;
}

/** One request of a batch, read. */
export interface BatchRequest extends BatchPart {
  readonly model: string;
}

/** The API's own bounds of a batch. */
const batchRequestsMax = 100_000;
/** What the API takes for a `custom_id`. */
export const customIdPattern = /^[a-zA-Z0-9_-]{1,64}$/;

const memberNames: ReadonlySet<string> = new Set(['custom_id', 'params']);
/** What the Messages API takes and the Batches API does not. */
const notInBatches = ['speed', 'fallbacks', 'thread'] as const;
const paramNames: ReadonlySet<string> = new Set(['model', 'max_tokens', 'messages', 'stream', ...notInBatches]);

/**
 * Reads the body of a batch's creation, and judges it as the API does. What the API finds out about
 * `params` only when the batch has ended is said at once.
 * @param slice a hundred thousand requests take seconds
 * @returns `problem`: one sentence in the API's manner
 */
export async function readCreation(
  bytes: Uint8Array,
  slice: TimeSlice,
): Promise<{ requests: BatchRequest[] } | { problem: string }> {
  if (bytes.length > bodyBytesMax.batches) return { problem: 'requests: the batch is larger than 256 MB' };
  const members = scanMembers(bytes, new Set(['requests']));
  if (members === null) return { problem: 'The request body is not valid JSON: expected an object' };
  const span = members.get('requests');
  if (span === undefined) return { problem: 'requests: Field required' };
  const elements = scanElements(bytes, span);
  if (elements === null) return { problem: 'requests: Input should be a valid list' };
  if (elements.length === 0) return { problem: 'requests: List should have at least 1 item after validation' };
  if (elements.length > batchRequestsMax) {
    return { problem: `requests: List should have at most ${batchRequestsMax} items after validation` };
  }
  const seen = new Set<string>();
  const requests: BatchRequest[] = [];
  for (const [index, element] of elements.entries()) {
    if (slice.isOver) await slice.again();
    const read = readRequest(bytes.subarray(element.start, element.end));
    if ('problem' in read) return { problem: `requests.${index}.${read.problem}` };
    if (seen.has(read.customId)) return { problem: `requests.${index}.custom_id: Value is not unique` };
    seen.add(read.customId);
    requests.push(read);
  }
  return { requests };
}

/** The body of a creation; params stand in it byte for byte. */
export function creationBody(parts: readonly BatchPart[]): Uint8Array {
  const pieces: Uint8Array[] = [Buffer.from('{"requests":[')];
  for (const [index, { customId, params }] of parts.entries()) {
    pieces.push(Buffer.from(`${index === 0 ? '' : ','}{"custom_id":${JSON.stringify(customId)},"params":`), params);
    pieces.push(Buffer.from('}'));
  }
  pieces.push(Buffer.from(']}'));
  return Buffer.concat(pieces);
}

function readRequest(bytes: Uint8Array): BatchRequest | { problem: string } {
  const members = scanMembers(bytes, memberNames);
  if (members === null) return { problem: 'custom_id: Field required' };
  const customId = valueAt(bytes, members.get('custom_id'));
  const problem = customIdProblem(customId);
  if (problem !== null) return { problem: `custom_id: ${problem}` };
  const span = members.get('params');
  if (span === undefined) return { problem: 'params: Field required' };
  const params = bytes.subarray(span.start, span.end);
  const read = readParams(params);
  return 'problem' in read ? { problem: `params${read.problem}` } : { customId: customId as string, params, ...read };
}

function customIdProblem(id: unknown): string | null {
  if (id === undefined) return 'Field required';
  if (typeof id !== 'string') return 'Input should be a valid string';
  if (id.length > 64) return 'String should have at most 64 characters';
  return customIdPattern.test(id) ? null : `String should match pattern '${customIdPattern.source}'`;
}

/**
 * What must be known of the `params` of one request, and what they may not hold.
 * @returns `problem`: `.max_tokens: Field required`, to be put behind the name of what was read
 */
export function readParams(params: Uint8Array): { model: string } | { problem: string } {
  const members = scanMembers(params, paramNames);
  // The scan tells structure only; a body that breaks inside would come to grief when it is sent.
  if (members === null || parseJson(textOf(params)) === undefined) return { problem: ': Input should be an object' };
  const missing = ['model', 'max_tokens', 'messages'].find((name) => !members.has(name));
  if (missing !== undefined) return { problem: `.${missing}: Field required` };
  const foreign = notInBatches.find((name) => isSet(params, members.get(name)));
  if (foreign !== undefined) return { problem: `.${foreign}: not supported in Message Batches` };
  if (valueAt(params, members.get('stream')) === true) {
    return { problem: '.stream: not supported in Message Batches' };
  }
  const model = valueAt(params, members.get('model'));
  // A NUL is in no model's name, and no text that Postgres could keep.
  if (typeof model !== 'string' || model === '' || model.includes('\0'))
    return { problem: '.model: Input should be a valid string' };
  const maxTokens = valueAt(params, members.get('max_tokens'));
  if (typeof maxTokens !== 'number' || !Number.isInteger(maxTokens) || maxTokens < 1) {
    return { problem: '.max_tokens: Input should be an integer from 1' };
  }
  return { model };
}

function isSet(bytes: Uint8Array, span: Span | undefined): boolean {
  return span !== undefined && valueAt(bytes, span) !== null;
}
