import type { FailureAction, FailureClass } from '../core/outcome.ts';

/** What a failure means before anything special is known of it. */
export interface Verdict {
  readonly class: FailureClass;
  readonly action: FailureAction;
  /** `error.type` to be reported. */
  readonly type: string;
  /** Status to surface when the error came inside a 200 (R2). */
  readonly status: number;
}

const rows: readonly Verdict[] = [
  { type: 'overloaded_error', status: 529, class: 'overload', action: 'retry' },
  { type: 'api_error', status: 500, class: 'server', action: 'retry' },
  { type: 'timeout_error', status: 504, class: 'timeout', action: 'retry' },
  { type: 'rate_limit_error', status: 429, class: 'rate-limit', action: 'retry' },
  { type: 'conflict_error', status: 409, class: 'conflict', action: 'retry' },
  { type: 'billing_error', status: 402, class: 'spend-limit', action: 'surface' },
  { type: 'authentication_error', status: 401, class: 'auth', action: 'surface' },
  { type: 'permission_error', status: 403, class: 'permission', action: 'surface' },
  { type: 'not_found_error', status: 404, class: 'request', action: 'surface' },
  { type: 'request_too_large', status: 413, class: 'request', action: 'surface' },
  { type: 'invalid_request_error', status: 400, class: 'request', action: 'surface' },
];

const byType: ReadonlyMap<string, Verdict> = new Map(rows.map((row) => [row.type, row]));

/** Statuses whose meaning is not in the table above. */
const typeByStatus: ReadonlyMap<number, string> = new Map([
  ...rows.map((row): [number, string] => [row.status, row.type]),
  [408, 'timeout_error'],
  // "Too early": the server did not want to process a request that might be replayed.
  [425, 'api_error'],
  // Bedrock: the model failed while it answered.
  [424, 'api_error'],
  [524, 'timeout_error'],
]);

/** What Bedrock calls the errors of its streams, and the statuses that they stand for. */
const bedrockStatuses: ReadonlyMap<string, number> = new Map([
  ['validationException', 400],
  ['modelTimeoutException', 408],
  ['modelStreamErrorException', 424],
  ['throttlingException', 429],
  ['internalServerException', 500],
  ['serviceUnavailableException', 503],
]);

/** The verdict on an `error.type` of the API or of Bedrock; null for a type that neither has. */
export function verdictOfType(type: string): Verdict | null {
  const status = bedrockStatuses.get(type);
  return byType.get(type) ?? (status === undefined ? null : verdictOfStatus(status));
}

/**
 * The verdict on a status of 300 or more that came without a telling type.
 * Unknown statuses from 500 on are the server's fault, other unknown ones the request's.
 */
export function verdictOfStatus(status: number): Verdict {
  if (status < 400) return { type: 'api_error', status, class: 'protocol', action: 'surface' };
  const type = typeByStatus.get(status) ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
  return byType.get(type) as Verdict;
}
