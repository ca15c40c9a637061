import type { Call } from '../core/call.ts';
import { bufferOf, isJsonObject, textOf } from '../wire/json.ts';
import { scanMembers, valueAt } from '../wire/json-scan.ts';

/** Text comes in several blocks, with sources that belong to each, where the web is searched or read … */
const webTool = /"type"\s*:\s*"web_(?:search|fetch)_/;
/** … and where a document is to be cited. Within a string every quote has a backslash before it. */
const citedDocument = /"citations"\s*:\s*\{\s*"enabled"\s*:\s*true\s*\}/;
const eagerTool = /"eager_input_streaming"\s*:\s*true/;

/** Text may come in several blocks in a row. */
export function expectsManyTexts(call: Call): boolean {
  return says(call, 'tools', '"web_', webTool) || says(call, 'messages', '"citations"', citedDocument);
}

/** Text blocks are released whole, because half of one could not be continued (R9). */
export function releasesWholeText(call: Call): boolean {
  return expectsManyTexts(call) || answersInJson(call);
}

/** The caller permits tool arguments that are not JSON. */
export function asksForEagerTools(call: Call): boolean {
  return says(call, 'tools', '"eager_input_streaming"', eagerTool);
}

/** Text that is JSON cannot be continued in the middle. */
function answersInJson({ body }: Call): boolean {
  if (!(body instanceof Uint8Array) || !bufferOf(body).includes('"json_schema"')) return false;
  const members = scanMembers(body, new Set(['output_config', 'output_format']));
  const config = valueAt(body, members?.get('output_config'));
  const format = isJsonObject(config) ? config.format : valueAt(body, members?.get('output_format'));
  return isJsonObject(format) && format.type === 'json_schema';
}

/** Around a mark, so many bytes tell what it means there. */
const aroundBytes = 64;

/**
 * Whether a member of the body says what the pattern means; a prompt, or the schema of a tool, may use
 * the same words for something else.
 * @param mark without these bytes the pattern cannot match, and nothing is read
 */
function says({ body }: Call, member: string, mark: string, pattern: RegExp): boolean {
  if (!(body instanceof Uint8Array) || !bufferOf(body).includes(mark)) return false;
  const span = scanMembers(body, new Set([member]))?.get(member);
  if (span === undefined) return false;
  const value = bufferOf(body.subarray(span.start, span.end));
  for (let at = value.indexOf(mark); at >= 0; at = value.indexOf(mark, at + 1)) {
    if (pattern.test(textOf(value.subarray(Math.max(0, at - aroundBytes), at + aroundBytes)))) return true;
  }
  return false;
}
