import type { Fault } from '../fault.ts';
import { retryAfterHeaders, sendError } from '../play.ts';

const message = "This request would exceed your account's rate limit. Please try again later.";

export const rateLimited: Fault = {
  name: 'rate-limited',
  summary: 'Status 429, rate_limit_error, with retry-after.',
  phase: 'pre-content',
  play: (exchange) =>
    sendError(
      exchange,
      429,
      { type: 'rate_limit_error', message },
      retryAfterHeaders(exchange.waits.retryAfterSeconds),
    ),
};
