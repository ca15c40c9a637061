import type { Call } from '../core/call.ts';

/** Citations and web tools: text comes in several blocks, with sources that belong to each. */
const manyTextsMarks = ['"citations"', '"web_search_', '"web_fetch_'];
/** Text that is JSON cannot be continued in the middle. */
const jsonOutputMark = '"json_schema"';
const eagerToolsMark = '"eager_input_streaming"';

/** Text may come in several blocks in a row. */
export function expectsManyTexts(call: Call): boolean {
  return manyTextsMarks.some((mark) => mentions(call, mark));
}

/** Text blocks are released whole, because half of one could not be continued (R9). */
export function releasesWholeText(call: Call): boolean {
  return expectsManyTexts(call) || mentions(call, jsonOutputMark);
}

/** The caller permits tool arguments that are not JSON. */
export function asksForEagerTools(call: Call): boolean {
  return mentions(call, eagerToolsMark);
}

/** Looks for the bytes, without parsing: a word in a prompt costs a later release, nothing else. */
function mentions({ body }: Call, mark: string): boolean {
  return body instanceof Uint8Array && Buffer.from(body.buffer, body.byteOffset, body.length).includes(mark);
}
