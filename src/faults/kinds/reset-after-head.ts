import type { Fault } from '../fault.ts';
import { resetAfterSending } from '../play.ts';

export const resetAfterHead: Fault = {
  name: 'reset-after-head',
  summary: 'Status 200 and headers, then a reset before the first byte of the body.',
  phase: 'pre-content',
  async play(exchange) {
    const contentType = exchange.request.stream ? 'text/event-stream; charset=utf-8' : 'application/json';
    exchange.head(200, exchange.apiHeaders(contentType));
    await resetAfterSending(exchange);
  },
};
