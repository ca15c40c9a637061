import { STATUS_CODES } from 'node:http';
import type { RawHeaders } from '../core/call.ts';
import { ownHeaders } from '../engine/final-error.ts';
import { bodyTooLarge, type Problem } from '../engine/intake.ts';
import { errorEnvelope } from '../wire/envelope.ts';

/** Every error that the door itself gives. What the engine gives is written by the engine. */
export const problems = {
  malformed: {
    status: 400,
    type: 'invalid_request_error',
    message: 'The request is not valid HTTP: send one request with one Host, one length and complete headers.',
  },
  target: {
    status: 400,
    type: 'invalid_request_error',
    message: 'The request target must be a path such as /v1/messages: this gateway is no forward proxy.',
  },
  upgrade: {
    status: 400,
    type: 'invalid_request_error',
    message: 'This gateway does not switch protocols: send the request without an Upgrade header.',
  },
  coding: {
    status: 400,
    type: 'invalid_request_error',
    message: 'This gateway knows no transfer coding but chunked: compress the body with Content-Encoding instead.',
  },
  unauthenticated: {
    status: 401,
    type: 'authentication_error',
    message:
      'A gateway token is missing or wrong: send it as ridethrough-token beside your own key, or, where the upstream has a key_env, as x-api-key or as a Bearer token instead of a key.',
  },
  keyless: {
    status: 401,
    type: 'authentication_error',
    message:
      'The gateway token is right, but this gateway has no key for the upstream: send the token as ridethrough-token beside your own key, or configure key_env and send the token as x-api-key.',
  },
  admin: {
    status: 401,
    type: 'authentication_error',
    message: 'This path wants an admin token: send it as a Bearer token or as ridethrough-token.',
  },
  host: {
    status: 403,
    type: 'permission_error',
    message: 'This gateway does not answer to the Host of the request: add it to "hosts" in the configuration.',
  },
  origin: {
    status: 403,
    type: 'permission_error',
    message: 'This gateway does not serve the Origin of the request: add it to "origins" in the configuration.',
  },
  notFound: {
    status: 404,
    type: 'not_found_error',
    message: 'There is nothing at this path: the API stands under /v1/.',
  },
  method: {
    status: 405,
    type: 'invalid_request_error',
    message: 'This method is not served: use GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS.',
  },
  uploadTimeout: {
    status: 408,
    type: 'timeout_error',
    message: 'The request stopped arriving before it was complete: send it again.',
  },
  tooLarge: bodyTooLarge,
  headersTooLarge: {
    status: 431,
    type: 'request_too_large',
    message: 'The request headers are larger than 64 KiB: send fewer or shorter ones.',
  },
  internal: {
    status: 500,
    type: 'api_error',
    message: 'This gateway could not make the answer: tell its maintainers what you asked for.',
  },
  busy: {
    status: 529,
    type: 'overloaded_error',
    message: 'This gateway serves as many requests as it can at once: send the request again.',
  },
  crowded: {
    status: 529,
    type: 'overloaded_error',
    message: 'This gateway holds as many request bodies as it has memory for: send the request again.',
  },
  draining: {
    status: 529,
    type: 'overloaded_error',
    message: 'This gateway is shutting down: send the request again.',
  },
} as const satisfies Record<string, Problem>;

/** Those that pass by themselves: clients are told to try again. */
const passing: ReadonlySet<number> = new Set([408, 529]);

/**
 * Renders an error of our own as the API renders its errors.
 * @param id the `ridethrough-id`; it stands in the body as `request_id` too, as no upstream gave one
 */
export function renderProblem(problem: Problem, id: string): { headers: RawHeaders; body: Uint8Array } {
  const body = errorEnvelope(problem.type, problem.message, { requestId: id });
  const mayPass = passing.has(problem.status);
  const headers = [
    'content-type',
    'application/json',
    'content-length',
    String(body.length),
    ...ownHeaders({ id, warnings: problem.warnings ?? [] }),
    'ridethrough-origin',
    'gateway',
    'x-should-retry',
    String(mayPass),
  ];
  if (mayPass) headers.push('retry-after', '1');
  return { headers, body };
}

/** The same as text, for a socket on which no request was understood. The connection is to be closed after it. */
export function renderRawProblem(problem: Problem, id: string): Uint8Array {
  const { headers, body } = renderProblem(problem, id);
  let head = `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? 'Error'}\r\nconnection: close\r\n`;
  for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return Buffer.concat([Buffer.from(`${head}\r\n`, 'latin1'), body]);
}
