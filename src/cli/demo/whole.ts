import { isDeepStrictEqual } from 'node:util';
import type { Message } from '@anthropic-ai/sdk/resources/messages';
import { models as apiModels } from '../../faults/api/models.ts';
import { expectedAnswer } from '../../faults/index.ts';
import type { PlannedCall } from './calls.ts';
import { models } from './calls.ts';

/**
 * True when nothing of an answer is missing, doubled or changed. Where the call may fall back, the
 * other model may have given all of it, or the rest of it after a break. It goes on with the words
 * that were said; where several models begin with the same words, with the rest of any of them.
 *
 * A turn that breaks after a whole tool call is closed there, but in the demo this leaves nothing
 * out: its answers call one tool at most, and call it last.
 * @param message undefined where the API has answered with nothing
 */
export function isWhole({ request, fallback }: PlannedCall, message: Message | undefined): boolean {
  const asked: readonly string[] = fallback ? models : [request.model];
  if (message === undefined || !asked.includes(message.model)) return false;
  const answerOf = (model: string) => expectedAnswer(JSON.stringify({ ...request, model }));
  const begun = answerOf(message.model);
  const thought = begun.content.filter((block) => block.type === 'thinking');
  const endsLike = ({ content, stop_reason }: typeof begun) => {
    const said = content.filter((block) => block.type !== 'thinking');
    return isDeepStrictEqual(message.content, [...thought, ...said]) && message.stop_reason === stop_reason;
  };
  return endsLike(begun) || (fallback && apiModels.some(({ id }) => endsLike(answerOf(id))));
}
