import { gzipSync } from 'node:zlib';
import type { Fault } from '../fault.ts';
import { answerHeaders } from '../play.ts';

export const compressed: Fault = {
  name: 'compressed',
  summary: 'A good answer, compressed although nobody asked for it.',
  phase: 'pre-content',
  async play(exchange) {
    const answer = await exchange.answer();
    const body = gzipSync(answer.frames?.join('') ?? answer.body);
    exchange.send(answer.status, [...answerHeaders(exchange, answer), 'content-encoding', 'gzip'], body);
  },
};
