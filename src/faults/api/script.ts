import { type ContentBlock, isObject, type MessagesRequest, objectsIn, type StopReason, textOf } from './message.ts';

/** What an answer says. */
export interface Said {
  /** Signatures of thinking are made by the API; what stands there is not looked at. */
  readonly content: readonly ContentBlock[];
  readonly stop_reason: StopReason;
  /** Default null. */
  readonly stop_sequence?: string | null;
}

/** An answer told beforehand. Default of `stop_reason`: `end_turn`. */
export type ToldAnswer = Omit<Said, 'stop_reason'> & { readonly stop_reason?: StopReason };

/** Answers by a mark: whose last message has the mark somewhere in it, gets the answer. */
export type Answers = Readonly<Record<string, ToldAnswer>>;

/**
 * How an answer goes on that was cut, when it is asked to.
 * - `exact`: in the middle of the word, where there is one
 * - `repeat`: first the words it was asked to repeat, as it should
 * - `repeat-longer`: first those words and some before them
 * - `whitespace`: repeats them with other white space
 * - `preamble`, `quote`, `fence`: something of its own, then the words
 * - `prose`: text, where it should call a tool
 * - `refuse`: an answer, but a refusal
 * - `error-400`: no answer
 * - `breaking`: the stream ends early again
 * - `empty`: an answer without content
 */
export type Manner = (typeof manners)[number];

export const manners = [
  'exact',
  'repeat',
  'repeat-longer',
  'whitespace',
  'preamble',
  'quote',
  'fence',
  'prose',
  'refuse',
  'error-400',
  'breaking',
  'empty',
] as const;

/** The manners that go on to the end with the right words. */
export const soundManners: readonly Manner[] = manners.slice(0, manners.indexOf('prose'));

/** What the healthy API is told to say. */
export interface Script {
  readonly answers: Answers;
  /** `mixed`: one of the sound manners, drawn for each request. */
  readonly continuation: Manner | 'mixed';
}

export const noScript: Script = { answers: {}, continuation: 'repeat' };

/** The answer that is told for a conversation; null where none is. */
export function toldAnswer(request: MessagesRequest, answers: Answers): ToldAnswer | null {
  const marks = Object.keys(answers);
  if (marks.length === 0) return null;
  const asked = textOf(objectsIn(request.messages).findLast((message) => message.role === 'user')?.content);
  const mark = marks.find((each) => asked.includes(each));
  return mark === undefined ? null : (answers[mark] ?? null);
}

/** True for answers in the form that `toldAnswer` reads. */
export function areAnswers(value: unknown): value is Answers {
  return (
    isObject(value) &&
    Object.values(value).every(
      (told) =>
        isObject(told) &&
        Array.isArray(told.content) &&
        told.content.every((block) => isObject(block) && typeof block.type === 'string'),
    )
  );
}
