import type { Fault } from '../fault.ts';
import { stall } from '../play.ts';

export const stallAfterHead: Fault = {
  name: 'stall-after-head',
  summary: 'Status 200 and headers, then silence on an open connection.',
  phase: 'pre-content',
  async play(exchange) {
    const contentType = exchange.request.stream ? 'text/event-stream; charset=utf-8' : 'application/json';
    exchange.head(200, exchange.apiHeaders(contentType));
    await stall(exchange);
  },
};
