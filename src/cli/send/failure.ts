import { readErrorBody } from '../../wire/error-body.ts';

/** What to do about each type of error. */
const advice: Readonly<Record<string, string>> = {
  authentication_error: 'check the key in ANTHROPIC_API_KEY or ANTHROPIC_AUTH_TOKEN',
  permission_error: 'this key may not do that: check its workspace',
  not_found_error: 'check --model and --upstream',
  billing_error: 'check the balance and the limits of the account in the Claude Console',
  rate_limit_error: 'wait a moment and send it again',
  request_too_large: 'send less at once',
};
const otherAdvice = 'send it again later; `ridethrough doctor` looks for a cause on this side';

/** Why there is no answer, in one line: type, status, the upstream's request id, its own words, what to do. */
export function describeFailure(status: number, body: Uint8Array, requestId: string | null): string {
  const error = readErrorBody(body);
  const type = error.type ?? 'unknown error';
  const id = requestId ?? error.requestId;
  const message = (error.message ?? 'the answer was no Claude answer').replace(/\.$/, '');
  // What Cloudflare refuses is none of the key's doing, and its sentence says what to do.
  const ownWords = type === 'invalid_request_error' || /^Cloudflare answered/.test(message);
  const todo = ownWords ? null : (advice[type] ?? otherAdvice);
  const facts = [`status ${status}`, ...(id === null ? [] : [`request-id ${id}`])].join(', ');
  return `ridethrough: ${type} (${facts}): ${message}${todo === null ? '' : `: ${todo}`}.`;
}

/** A wrong key is wrong use; everything else that the API refuses, or cannot do, is a failure. */
export function failureStatus(status: number): number {
  return status === 401 ? 2 : 1;
}

/** The API will not do what a command is about; the message is that of `describeFailure`. */
export class ApiRefusal extends Error {
  /** HTTP status; `failureStatus` makes it the command's. */
  readonly status: number;

  constructor(status: number, body: Uint8Array, requestId: string | null) {
    super(describeFailure(status, body, requestId));
    this.name = 'ApiRefusal';
    this.status = status;
  }
}
