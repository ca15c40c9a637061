import type { Fault } from '../fault.ts';
import { promisingHeaders, resetAfterSending } from '../play.ts';

export const resetAfterHead: Fault = {
  name: 'reset-after-head',
  summary: 'Status 200 and headers, then a reset before the first byte of the body.',
  phase: 'pre-content',
  async play(exchange) {
    exchange.head(200, promisingHeaders(exchange));
    await resetAfterSending(exchange);
  },
};
