import type { Random } from '../../core/random.ts';
import { fullAnswer, messageOf, promptRandom, thinking, tokensIn, wordsOf } from './full-answer.ts';
import { type ContentBlock, type JsonObject, type Message, type MessagesRequest, textOf } from './message.ts';
import { models } from './models.ts';
import { openingOf } from './opening.ts';
import { type Remainder, remainderOf, remainderOfPrefill } from './remainder.ts';
import type { Resumed } from './resumed.ts';
import { type Answers, type Manner, type Said, type Script, soundManners } from './script.ts';

/** The manner in which a request is continued. */
export function mannerOf(request: MessagesRequest, { continuation }: Script): Manner {
  if (continuation !== 'mixed') return continuation;
  return soundManners[Math.floor(promptRandom(request).next() * soundManners.length)] ?? 'repeat';
}

/**
 * The answer to a request that gives the beginning of one. It follows from the request alone: what was
 * sent to somebody in an earlier answer is not known here.
 */
export function continuedAnswer(request: MessagesRequest, resumed: Resumed, script: Script): Message {
  const manner = mannerOf(request, script);
  if (manner === 'refuse') return messageOf(request, { content: [], stop_reason: 'refusal' });
  if (manner === 'empty') return messageOf(request, { content: [], stop_reason: 'end_turn' });
  const { whole, left } = answerBegunBy(resumed, script.answers);
  const calls = resumed.wantsTool || ((left.tail ?? '') === '' && left.blocks[0]?.type === 'tool_use');
  if (manner === 'prose' && calls) {
    return messageOf(request, { content: [{ type: 'text', text: 'I go on without it.' }], stop_reason: 'end_turn' });
  }
  const content = [...rethought(request, resumed, promptRandom(request)), ...saidNext(resumed, left, manner)];
  return messageOf(request, withinTokens({ ...whole, content }, request.max_tokens));
}

/** A model goes on with what it is given, whoever began it: the answer that begins like this, or else its own. */
function answerBegunBy(resumed: Resumed, answers: Answers): { whole: Message; left: Remainder } {
  const { original, given, asked } = resumed;
  const remainder = asked ? remainderOf : remainderOfPrefill;
  const as = (model: string) => {
    const whole = fullAnswer({ ...original, model }, answers);
    return { whole, left: remainder(whole.content, given) };
  };
  const own = as(textOf(original.model));
  if (own.left.fits) return own;
  for (const { id } of models) {
    const other = as(id);
    if (other.left.fits) return other;
  }
  return own;
}

/** Half of the models that think, think anew before they go on. */
function rethought(request: MessagesRequest, { asked }: Resumed, random: Random): ContentBlock[] {
  return asked && random.next() < 0.5 ? thinking(request, random) : [];
}

function saidNext({ given, anchor }: Resumed, { tail, blocks }: Remainder, manner: Manner): ContentBlock[] {
  const text = (each: string): ContentBlock[] => (each === '' ? [] : [{ type: 'text', text: each }]);
  if (anchor === null) return [...text(tail ?? ''), ...blocks];
  // What is complete cannot be gone on with in the middle of a word: then the words are repeated, as asked.
  const inMidText = tail !== null && tail !== '';
  if (manner === 'exact' && (inMidText || tail === null)) return [...text(tail ?? ''), ...blocks];
  return [...text(openingOf(lastText(given), anchor, tail ?? '', manner) + (tail ?? '')), ...blocks];
}

const lastText = (given: readonly JsonObject[]) => textOf(given.findLast((block) => block.type === 'text')?.text ?? '');

/** Ends at a word where the tokens run out. What is not text comes whole or not at all. */
function withinTokens(said: Said, maxTokens: unknown): Said {
  let left = typeof maxTokens === 'number' ? maxTokens : Number.POSITIVE_INFINITY;
  const content: ContentBlock[] = [];
  for (const block of said.content) {
    const tokens = tokensIn([block]);
    if (tokens > left) {
      const words = block.type === 'text' ? wordsOf(block.text).slice(0, left).join('') : '';
      if (block.type === 'text' && words !== '') content.push({ ...block, text: words });
      return { content, stop_reason: 'max_tokens' };
    }
    left -= tokens;
    content.push(block);
  }
  return { ...said, content };
}
