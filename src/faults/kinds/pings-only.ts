import { ping } from '../api/events.ts';
import type { Fault } from '../fault.ts';
import { answerHeaders, sendAnswer, stall } from '../play.ts';

export const pingsOnly: Fault = {
  name: 'pings-only',
  summary: 'message_start, then nothing but pings, until the time of a stall is over.',
  phase: 'pre-content',
  async play(exchange) {
    const answer = await exchange.answer();
    if (answer.status !== 200) return sendAnswer(exchange, answer);
    if (answer.frames === null) return stall(exchange);
    exchange.head(200, answerHeaders(exchange, answer));
    await exchange.write(answer.frames[0] ?? '');
    const { pingMs, stallMs } = exchange.waits;
    // A scenario may scale waits to nothing; a ping a millisecond is the fastest there is.
    const everyMs = Math.max(pingMs, 1);
    for (let sentMs = 0; sentMs < stallMs; sentMs += everyMs) {
      if (!(await exchange.wait(everyMs))) return;
      await exchange.write(ping);
    }
    exchange.reset();
  },
};
