import type { Fault } from '../fault.ts';
import { sendError } from '../play.ts';

export const internalError: Fault = {
  name: 'internal-error',
  summary: 'Status 500, api_error: the API broke on its own.',
  phase: 'pre-content',
  play: (exchange) =>
    sendError(exchange, 500, { type: 'api_error', message: 'Internal server error' }, ['x-should-retry', 'true']),
};
