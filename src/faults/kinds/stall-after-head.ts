import type { Fault } from '../fault.ts';
import { promisingHeaders, stall } from '../play.ts';

export const stallAfterHead: Fault = {
  name: 'stall-after-head',
  summary: 'Status 200 and headers, then silence on an open connection.',
  phase: 'pre-content',
  async play(exchange) {
    exchange.head(200, promisingHeaders(exchange));
    await stall(exchange);
  },
};
