import { textOf } from './json.ts';
import { elementCuts, removeMember, replaceMembers } from './json-edit.ts';
import { type Span, scanElements, scanMembers, valueAt } from './json-scan.ts';

const messageMembers: ReadonlySet<string> = new Set(['role', 'content']);
const blockMembers: ReadonlySet<string> = new Set(['type']);

/** Types of the blocks in which a model thinks. */
export const thinkingTypes: ReadonlySet<string> = new Set(['thinking', 'redacted_thinking']);

/** Stands in a message that was nothing but thinking, where dropping it would put two of a role side by side. */
export const placeholder = '[{"type":"text","text":"(thinking removed)"}]';

interface Message {
  readonly role: unknown;
  /** JSON text of the message as it stays; null: nothing of its content is left. */
  readonly json: string | null;
  /** JSON text for when it is empty but has to stay. */
  readonly held: string;
  readonly changed: boolean;
}

/**
 * A Messages request without any thinking: no `thinking` and `redacted_thinking` blocks in its
 * messages, and no `thinking` member. All of it goes, never a part, since the API's check of the
 * prefix would fail for what is left (R11).
 *
 * A message left empty is dropped where the roles still alternate without it, and else keeps one
 * text block that says so.
 * @returns null when there is no thinking in it, or it is no Messages request
 */
export function stripThinking(bytes: Uint8Array): Uint8Array | null {
  const members = scanMembers(bytes, new Set(['messages', 'thinking']));
  const span = members?.get('messages');
  const elements = span && scanElements(bytes, span);
  if (!members || !span || !elements) return null;
  const messages = elements.map((element) => strip(bytes.subarray(element.start, element.end)));
  const changed = messages.some((message) => message.changed);
  if (!changed && !members.has('thinking')) return null;
  const stripped = changed ? replaceMembers(bytes, [{ span, json: `[${joined(messages)}]` }]) : bytes;
  return removeMember(stripped, 'thinking');
}

/** An answer in one piece without what the model thought; all else stays byte for byte. */
export function withoutThinking(answer: Uint8Array): Uint8Array {
  const content = scanMembers(answer, messageMembers)?.get('content');
  const blocks = content && scanElements(answer, content);
  if (!blocks) return answer;
  return replaceMembers(
    answer,
    elementCuts(
      blocks,
      blocks.map((block) => isThinking(answer, block)),
    ),
  );
}

function strip(message: Uint8Array): Message {
  const members = scanMembers(message, messageMembers);
  const role = valueAt(message, members?.get('role'));
  const asItIs: Message = { role, json: textOf(message), held: '', changed: false };
  const content = members?.get('content');
  const blocks = content && scanElements(message, content);
  if (!content || !blocks) return asItIs;
  const kept = blocks.filter((block) => !isThinking(message, block));
  if (kept.length === blocks.length) return asItIs;
  const json = `[${kept.map((block) => textOf(message.subarray(block.start, block.end))).join(',')}]`;
  const held = textOf(replaceMembers(message, [{ span: content, json: kept.length === 0 ? placeholder : json }]));
  return { role, json: kept.length === 0 ? null : held, held, changed: true };
}

function isThinking(message: Uint8Array, block: Span): boolean {
  const bytes = message.subarray(block.start, block.end);
  return thinkingTypes.has(String(valueAt(bytes, scanMembers(bytes, blockMembers)?.get('type'))));
}

function joined(messages: readonly Message[]): string {
  const kept: string[] = [];
  let roleBefore: unknown;
  for (const [index, message] of messages.entries()) {
    const next = messages[index + 1];
    const isOnly = kept.length === 0 && next === undefined;
    if (message.json === null && !isOnly && (next === undefined || next.role !== roleBefore)) continue;
    kept.push(message.json ?? message.held);
    roleBefore = message.role;
  }
  return kept.join(',');
}
