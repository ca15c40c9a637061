import { expectedAnswer } from '../api/answer.ts';
import { jsonAnswer } from '../api/answering.ts';
import type { Fault } from '../fault.ts';
import { sendAnswer } from '../play.ts';

export const jsonForStream: Fault = {
  name: 'json-for-stream',
  summary: 'The whole answer as JSON, where a stream was asked for.',
  phase: 'pre-content',
  async play(exchange) {
    const answer = await exchange.answer();
    const { json } = exchange.request;
    await sendAnswer(exchange, answer.frames === null || json === null ? answer : jsonAnswer(expectedAnswer(json)));
  },
};
