import type { Fault } from '../fault.ts';
import { answerHeaders, resetAfterSending, sendAnswer } from '../play.ts';

export const firstChunkReset: Fault = {
  name: 'first-chunk-reset',
  summary: 'The stream is reset right after message_start; what does not stream comes whole.',
  phase: 'pre-content',
  async play(exchange) {
    const answer = await exchange.answer();
    if (answer.frames === null) return sendAnswer(exchange, answer);
    exchange.head(200, answerHeaders(exchange, answer));
    await exchange.write(answer.frames[0] ?? '');
    await resetAfterSending(exchange);
  },
};
