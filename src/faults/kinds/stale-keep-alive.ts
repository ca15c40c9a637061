import type { Fault } from '../fault.ts';
import { sendAnswer } from '../play.ts';

export const staleKeepAlive: Fault = {
  name: 'stale-keep-alive',
  summary: 'Answers well, then resets the next request that comes on the same connection.',
  phase: 'pre-content',
  async play(exchange) {
    exchange.resetNext();
    await sendAnswer(exchange, await exchange.answer());
  },
};
