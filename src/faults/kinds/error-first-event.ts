import { errorFrame } from '../api/events.ts';
import type { Fault } from '../fault.ts';
import { overload, sendError } from '../play.ts';

export const errorFirstEvent: Fault = {
  name: 'error-first-event',
  summary: 'Status 200, and the first event of the stream is an overload.',
  phase: 'pre-content',
  async play(exchange) {
    if (!exchange.request.stream) return sendError(exchange, 200, overload);
    exchange.head(200, exchange.apiHeaders('text/event-stream; charset=utf-8'));
    await exchange.write(errorFrame(overload.type, overload.message, exchange.requestId));
    exchange.end();
  },
};
