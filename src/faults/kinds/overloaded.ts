import type { Fault } from '../fault.ts';
import { overload, sendError } from '../play.ts';

export const overloaded: Fault = {
  name: 'overloaded',
  summary: 'Status 529, overloaded_error, with no hint how long.',
  phase: 'pre-content',
  play: (exchange) => sendError(exchange, 529, overload, ['x-should-retry', 'true']),
};
