import { blocksOf, type JsonObject, type MessagesRequest, objectsIn, textOf } from './message.ts';

/** A request to go on with an answer that has begun. */
export interface Resumed {
  /** The conversation before the answer began. */
  readonly original: MessagesRequest;
  /** The beginning of the answer, as blocks. */
  readonly given: readonly JsonObject[];
  /** True: a turn of the user says that the answer was interrupted. False: the beginning is the last turn. */
  readonly asked: boolean;
  /** The last words, which the answer is asked to repeat; null where none are named. */
  readonly anchor: string | null;
  /** It is asked for a call of a tool. */
  readonly wantsTool: boolean;
}

const interrupted = /^Your previous response was interrupted(?: and ended with ("(?:[^"\\]|\\.)*"))?\./u;

/**
 * Reads a request in either of the documented forms: the partial answer and a turn of the user that
 * tells of the interruption, or the partial answer as the last turn.
 * @returns null for a request whose answer has not begun
 */
export function readResumed(request: MessagesRequest): Resumed | null {
  const messages = objectsIn(request.messages);
  const [before, last] = messages.slice(-2);
  const ending = messages.at(-1);
  if (ending?.role === 'assistant') return resumed(request, messages.slice(0, -1), ending, '');
  if (before?.role !== 'assistant' || last?.role !== 'user') return null;
  const words = blocksOf(last);
  const text = words.length === 1 ? textOf(words[0]?.text) : '';
  return interrupted.test(text) ? resumed(request, messages.slice(0, -2), before, text) : null;
}

function resumed(request: MessagesRequest, messages: JsonObject[], turn: JsonObject, text: string): Resumed {
  const quoted = interrupted.exec(text)?.[1];
  return {
    // The tokens that are left are counted from here, not from the beginning.
    original: { ...request, messages, max_tokens: Number.MAX_SAFE_INTEGER },
    given: blocksOf(turn).filter((block) => block.type !== 'text' || block.text !== ''),
    asked: text !== '',
    anchor: quoted === undefined ? null : JSON.parse(quoted),
    wantsTool: text.includes('the tool `'),
  };
}
