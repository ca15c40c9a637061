import { blocksOf, type JsonObject, type MessagesRequest, objectsIn, textOf } from './message.ts';

interface Placed {
  readonly block: JsonObject;
  /** Where it stands: `messages.3.content.0`. */
  readonly where: string;
}

interface Turn {
  readonly role: string;
  /** Position in `messages` of its first message. */
  readonly index: number;
  readonly placed: Placed[];
}

/** The API merges neighbours of one role before it looks at them; `system` messages belong to no turn. */
function turnsOf(request: MessagesRequest): Turn[] {
  const turns: Turn[] = [];
  for (const [index, message] of objectsIn(request.messages).entries()) {
    const role = textOf(message.role);
    if (role === 'system') continue;
    const placed = blocksOf(message).map((block, at) => ({ block, where: `messages.${index}.content.${at}` }));
    const last = turns.at(-1);
    if (last?.role === role) last.placed.push(...placed);
    else turns.push({ role, index, placed });
  }
  return turns;
}

/** Blocks of one type in a turn of one role. */
const blocksIn = (turn: Turn | undefined, role: string, type: string) =>
  turn?.role === role ? turn.placed.filter(({ block }) => block.type === type) : [];

const usesIn = (turn: Turn | undefined) => blocksIn(turn, 'assistant', 'tool_use').map(({ block }) => block.id);
/** Tools that ran at the API have their results in the same turn. One that is still open waits for them at the end. */
const serverOrphan = (turn: Turn) => {
  const answered = turn.placed.map(({ block }) => block.tool_use_id);
  return blocksIn(turn, 'assistant', 'server_tool_use').find(({ block }) => !answered.includes(block.id));
};
const resultsIn = (turn: Turn | undefined) => blocksIn(turn, 'user', 'tool_result');

/**
 * Each `tool_use` must be answered in the very next turn, and each `tool_result` must answer one of
 * the turn before; each `server_tool_use` must be answered in its own turn.
 * @returns the API's sentence about the first that is alone, or null
 */
export function toolPairingProblem(request: MessagesRequest): string | null {
  const turns = turnsOf(request);
  for (const [position, turn] of turns.entries()) {
    const answered = resultsIn(turns[position + 1]).map(({ block }) => block.tool_use_id);
    const orphans = usesIn(turn).filter((id) => !answered.includes(id));
    if (orphans.length > 0) {
      return `messages.${turn.index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${orphans.map(textOf).join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`;
    }
    const unanswered = position < turns.length - 1 ? serverOrphan(turn) : undefined;
    if (unanswered !== undefined) {
      const { name, id } = unanswered.block;
      return `${unanswered.where}: \`${textOf(name)}\` tool use with id \`${textOf(id)}\` was found without a corresponding \`${textOf(name)}_tool_result\` block`;
    }
    const uses = usesIn(turns[position - 1]);
    const stranger = resultsIn(turn).find(({ block }) => !uses.includes(block.tool_use_id));
    if (stranger !== undefined) {
      return `${stranger.where}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${textOf(stranger.block.tool_use_id)}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`;
    }
  }
  return null;
}
