/**
 * Errors in other clothes. Relays turn a 400 into a 500, pack it into an `api_error` event, or report
 * an overload as 403; retrying the first for minutes is hopeless, giving up on the last is a loss.
 * The API's advice is never to match on messages: that is done here only where `error.type` and
 * `error.details` say nothing, and only with wordings that were recorded.
 */

/** Types that relays name in prose: `Error code: 400 - {'type': 'error', 'error': {'type': '…'`. */
const namedType =
  /['"]type['"]\s*:\s*['"](overloaded_error|rate_limit_error|invalid_request_error|request_too_large|billing_error|not_found_error)['"]/;

/** What the API says of requests that are wrong in themselves. Back-ticks are removed before the match. */
const clientErrors: readonly RegExp[] = [
  /tool_use ids were found without tool_result/i,
  /unexpected tool_use_id found in tool_result/i,
  /each tool_(?:use|result) block must have a corresponding/i,
  /does not support assistant message prefill/i,
  /prompt is too long/i,
  /invalid signature in thinking/i,
  /bound to a different conversation/i,
  /image (?:exceeds|dimensions exceed)/i,
  /exceed context limit/i,
  // The API names the place of a wrong value first: `messages.1.content.0: …`.
  /^messages\.\d+[.:]/,
];

const moneyErrors: readonly RegExp[] = [
  /credit balance is too low/i,
  /you have reached your specified (?:workspace )?api usage limits/i,
];

/** True when the message says that money is what is missing. */
export function saysMoney(message: string): boolean {
  return moneyErrors.some((wording) => wording.test(message));
}

/**
 * The API's error type that a message gives away.
 * @param message of an error whose own type is generic or unknown
 * @returns null when the error is what it says it is
 */
export function typeInMessage(message: string): string | null {
  const named = namedType.exec(message);
  if (named !== null) return named[1] as string;
  if (/^overloaded/i.test(message)) return 'overloaded_error';
  if (saysMoney(message)) return 'billing_error';
  const plain = message.replaceAll('`', '');
  if (clientErrors.some((wording) => wording.test(plain))) return 'invalid_request_error';
  if (/\b(?:400 Bad Request|422 Unprocessable)\b/i.test(message)) return 'invalid_request_error';
  return /\b413 (?:Payload|Content|Request Entity) Too Large\b/i.test(message) ? 'request_too_large' : null;
}
