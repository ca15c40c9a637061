import { blocksOf, type JsonObject, type MessagesRequest, objectsIn } from './message.ts';

interface Turn {
  readonly role: string;
  /** Position in `messages` of its first message. */
  readonly index: number;
  readonly blocks: JsonObject[];
}

/** The API merges neighbours of one role before it looks at them; `system` messages belong to no turn. */
function turnsOf(request: MessagesRequest): Turn[] {
  const turns: Turn[] = [];
  for (const [index, message] of objectsIn(request.messages).entries()) {
    const role = String(message.role);
    if (role === 'system') continue;
    const last = turns.at(-1);
    if (last?.role === role) last.blocks.push(...blocksOf(message));
    else turns.push({ role, index, blocks: [...blocksOf(message)] });
  }
  return turns;
}

const idsOf = (turn: Turn | undefined, role: string, type: string, member: string) =>
  turn?.role === role ? turn.blocks.filter((block) => block.type === type).map((block) => String(block[member])) : [];

/**
 * Each `tool_use` must be answered in the very next turn, and each `tool_result` must answer one of
 * the turn before.
 * @returns the API's sentence about the first that is alone, or null
 */
export function toolPairingProblem(request: MessagesRequest): string | null {
  const turns = turnsOf(request);
  for (const [position, turn] of turns.entries()) {
    const results = idsOf(turns[position + 1], 'user', 'tool_result', 'tool_use_id');
    const orphans = idsOf(turn, 'assistant', 'tool_use', 'id').filter((id) => !results.includes(id));
    if (orphans.length > 0) {
      return `messages.${turn.index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${orphans.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`;
    }
    const uses = idsOf(turns[position - 1], 'assistant', 'tool_use', 'id');
    const stranger = idsOf(turn, 'user', 'tool_result', 'tool_use_id').find((id) => !uses.includes(id));
    if (stranger !== undefined) {
      const block = turn.blocks.findIndex(({ tool_use_id }) => tool_use_id === stranger);
      return `messages.${turn.index}.content.${block}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${stranger}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`;
    }
  }
  return null;
}
