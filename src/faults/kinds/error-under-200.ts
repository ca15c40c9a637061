import type { Fault } from '../fault.ts';
import { overload, sendError } from '../play.ts';

export const errorUnder200: Fault = {
  name: 'error-under-200',
  summary: 'Status 200 with an error object as its JSON body.',
  phase: 'pre-content',
  play: (exchange) => sendError(exchange, 200, overload),
};
