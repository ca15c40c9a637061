import type { Fault } from '../fault.ts';
import { answerHeaders, sendAnswer } from '../play.ts';

const parts = 8;

export const slowBody: Fault = {
  name: 'slow-body',
  summary: 'A good answer that trickles in, in eight pieces that heed no event boundary.',
  phase: 'mid-stream',
  async play(exchange) {
    const answer = await exchange.answer();
    if (answer.status !== 200) return sendAnswer(exchange, answer);
    exchange.head(200, answerHeaders(exchange, answer));
    const whole = Buffer.from(answer.frames?.join('') ?? answer.body);
    const size = Math.ceil(whole.length / parts);
    for (let at = 0; at < whole.length; at += size) {
      await exchange.write(whole.subarray(at, at + size));
      if (!(await exchange.wait(exchange.waits.trickleMs))) return;
    }
    exchange.end();
  },
};
