import type { Random } from '../../core/random.ts';
import { errorFrame } from '../api/events.ts';
import type { Exchange, Fault } from '../fault.ts';
import { answerHeaders, framesUntil, overload, sendAnswer, sendError } from '../play.ts';

/** Where the overload strikes: in a block of this kind, or in any block where the answer has none. */
async function strike(exchange: Exchange, random: Random, kind: 'text' | 'thinking' | 'tool'): Promise<void> {
  const answer = await exchange.answer();
  if (answer.status !== 200) return sendAnswer(exchange, answer);
  if (answer.frames === null) return sendError(exchange, 200, overload);
  exchange.head(200, answerHeaders(exchange, answer));
  const error = errorFrame(overload.type, overload.message, exchange.requestId);
  if (await exchange.pace([...framesUntil(answer.frames, kind, random), error])) exchange.end();
}

export const errorMidText: Fault = {
  name: 'error-mid-text',
  summary: 'An overload after some of the text has come.',
  phase: 'mid-stream',
  play: (exchange, random) => strike(exchange, random, 'text'),
};

export const errorMidThinking: Fault = {
  name: 'error-mid-thinking',
  summary: 'An overload inside a thinking block, before its signature.',
  phase: 'mid-stream',
  play: (exchange, random) => strike(exchange, random, 'thinking'),
};

export const errorMidTool: Fault = {
  name: 'error-mid-tool',
  summary: 'An overload inside the arguments of a tool call.',
  phase: 'mid-stream',
  play: (exchange, random) => strike(exchange, random, 'tool'),
};
