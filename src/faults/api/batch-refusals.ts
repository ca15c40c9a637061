import { isObject, type JsonObject, objectsIn } from './message.ts';
import { invalidRequest, type Refusal } from './refusals.ts';

const requestsMax = 100_000;
const customIdMax = 64;

/** Why a batch is not created; null where it is. What `params` hold is looked at later. */
export function batchRefusal(body: JsonObject | null): Refusal | null {
  if (body === null) return invalidRequest('The request body is not valid JSON: expected an object');
  if (body.requests === undefined) return invalidRequest('requests: Field required');
  if (!Array.isArray(body.requests)) return invalidRequest('requests: Input should be a valid list');
  const requests = objectsIn(body.requests);
  if (body.requests.length === 0) return invalidRequest('requests: List should have at least 1 item after validation');
  if (body.requests.length > requestsMax) {
    return invalidRequest(`requests: List should have at most ${requestsMax} items after validation`);
  }
  const seen = new Set<unknown>();
  for (const [index, { custom_id, params }] of requests.entries()) {
    const problem = customIdProblem(custom_id) ?? (seen.has(custom_id) ? `Value is not unique: ${custom_id}` : null);
    if (problem !== null) return invalidRequest(`requests.${index}.custom_id: ${problem}`);
    if (!isObject(params)) return invalidRequest(`requests.${index}.params: Field required`);
    seen.add(custom_id);
  }
  return null;
}

function customIdProblem(id: unknown): string | null {
  if (id === undefined) return 'Field required';
  if (typeof id !== 'string') return 'Input should be a valid string';
  if (id.length > customIdMax) return `String should have at most ${customIdMax} characters`;
  return /^[a-zA-Z0-9_-]+$/.test(id) ? null : `String should match pattern '^[a-zA-Z0-9_-]{1,${customIdMax}}$'`;
}

/** Why a request is served, but not in a batch; null where it is. */
export function notInBatches(params: JsonObject): Refusal | null {
  const member = ['speed', 'fallbacks', 'thread'].find((name) => params[name] !== undefined);
  if (member !== undefined) return invalidRequest(`${member}: not supported in Message Batches`);
  return params.stream === true ? invalidRequest('stream: not supported in Message Batches') : null;
}
