import { bufferOf } from './json.ts';
import { type Edit, elementCuts, replaceMembers } from './json-edit.ts';
import { type Span, scanElements, scanMembers, valueAt } from './json-scan.ts';
import { placeholder } from './strip-thinking.ts';

/**
 * Stands as the signature of thinking that was released live and then cut (R9): nobody can sign half a
 * thought. By it our doors know such a block again. A colon is in no true signature, which is base64.
 */
export const cutSignature = 'ridethrough:cut-thinking';
/** Part of it, rare and short enough for the fastest search; where it stands the body is looked at more closely. */
const cutMark = ':cut-t';

const messagesMember: ReadonlySet<string> = new Set(['messages']);
const contentMember: ReadonlySet<string> = new Set(['content']);
const blockMembers: ReadonlySet<string> = new Set(['type', 'signature']);

/**
 * A Messages request without the thinking that was cut in earlier answers, which the API would refuse.
 * Whole blocks go, with one comma each; every other byte stays, because the signatures of the thinking
 * that was not cut hang on it.
 * @returns the very bytes that were given where there is none
 */
export function stripCutThinking(bytes: Uint8Array): Uint8Array {
  if (!bufferOf(bytes).includes(cutMark)) return bytes;
  const messages = scanMembers(bytes, messagesMember)?.get('messages');
  const elements = messages && scanElements(bytes, messages);
  const edits = (elements ?? []).flatMap((message) => cutsIn(bytes, message));
  return edits.length === 0 ? bytes : replaceMembers(bytes, edits);
}

function cutsIn(bytes: Uint8Array, { start, end }: Span): Edit[] {
  const message = bytes.subarray(start, end);
  const content = scanMembers(message, contentMember)?.get('content');
  const blocks = content && scanElements(message, content);
  if (!content || !blocks) return [];
  const isCut = blocks.map((block) => isCutBlock(message.subarray(block.start, block.end)));
  if (!isCut.includes(true)) return [];
  // A message of nothing must not be sent, and without this one two of a role might stand side by side.
  const edits = isCut.includes(false) ? elementCuts(blocks, isCut) : [{ span: content, json: placeholder }];
  return edits.map(({ span, json }) => ({ span: { start: start + span.start, end: start + span.end }, json }));
}

function isCutBlock(block: Uint8Array): boolean {
  const members = scanMembers(block, blockMembers);
  if (valueAt(block, members?.get('type')) !== 'thinking') return false;
  const signature = valueAt(block, members?.get('signature'));
  return typeof signature === 'string' && signature.startsWith(cutSignature);
}
