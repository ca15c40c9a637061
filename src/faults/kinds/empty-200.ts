import type { Fault } from '../fault.ts';
import { promisingHeaders } from '../play.ts';

export const empty200: Fault = {
  name: 'empty-200',
  summary: 'Status 200 and not a single byte of body.',
  phase: 'pre-content',
  play(exchange) {
    exchange.send(200, promisingHeaders(exchange), '');
  },
};
