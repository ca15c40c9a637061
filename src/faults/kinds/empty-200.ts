import type { Fault } from '../fault.ts';

export const empty200: Fault = {
  name: 'empty-200',
  summary: 'Status 200 and not a single byte of body.',
  phase: 'pre-content',
  play(exchange) {
    const contentType = exchange.request.stream ? 'text/event-stream; charset=utf-8' : 'application/json';
    exchange.send(200, exchange.apiHeaders(contentType), '');
  },
};
