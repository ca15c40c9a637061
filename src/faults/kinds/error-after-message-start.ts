import { errorFrame, ping } from '../api/events.ts';
import type { Fault } from '../fault.ts';
import { overload, sendAnswer, sendError } from '../play.ts';

export const errorAfterMessageStart: Fault = {
  name: 'error-after-message-start',
  summary: 'Status 200, message_start and a ping, then an overload before any content.',
  phase: 'pre-content',
  async play(exchange) {
    const answer = await exchange.answer();
    if (answer.status !== 200) return sendAnswer(exchange, answer);
    if (answer.frames === null) return sendError(exchange, 200, overload);
    exchange.head(200, exchange.apiHeaders(answer.contentType));
    const error = errorFrame(overload.type, overload.message, exchange.requestId);
    if (await exchange.pace([...answer.frames.slice(0, 1), ping, error])) exchange.end();
  },
};
