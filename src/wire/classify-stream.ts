import type { RawHeaders } from '../core/call.ts';
import type { Failure } from '../core/outcome.ts';
import { requestIdOf } from './error-body.ts';

/**
 * How a 200 can fail without saying so. `truncated`: a clean end before the answer was whole.
 * `stalled`: silence, or pings without progress. `protocol`: events or JSON that break the protocol.
 * `empty`: no byte at all. `not-claude`: an answer of something else. `internal`: we failed at reading it.
 */
export type BrokenAnswer = 'truncated' | 'stalled' | 'protocol' | 'empty' | 'not-claude' | 'internal';

type Shape = Pick<Failure, 'class' | 'type' | 'code' | 'status'> & {
  readonly says: string;
};

/** `Failure.code` of an answer that something else than the Claude API has given. */
export const notClaudeCode = 'not_claude';
/** `Failure.code` of a bug of our own, for which no route is to blame. */
export const internalErrorCode = 'internal_error';

const shapes: Readonly<Record<BrokenAnswer, Shape>> = {
  truncated: {
    class: 'truncated',
    type: 'api_error',
    code: 'stream_truncated',
    status: 502,
    says: 'The upstream ended its answer before it was whole',
  },
  stalled: {
    class: 'stalled',
    type: 'timeout_error',
    code: 'stream_stalled',
    status: 504,
    says: 'The upstream stopped in the middle of its answer',
  },
  protocol: {
    class: 'protocol',
    type: 'api_error',
    code: 'protocol_error',
    status: 502,
    says: 'The upstream broke the protocol of a Messages answer',
  },
  empty: {
    class: 'protocol',
    type: 'api_error',
    code: 'empty_answer',
    status: 502,
    says: 'The upstream answered 200 with an empty body',
  },
  internal: {
    class: 'protocol',
    type: 'api_error',
    code: internalErrorCode,
    status: 500,
    says: 'Ridethrough failed at reading the answer; please report it to its maintainers',
  },
  'not-claude': {
    class: 'protocol',
    type: 'api_error',
    code: notClaudeCode,
    status: 502,
    says: 'What answered is not the Claude API; check the upstream address and the network',
  },
};

/**
 * Judges a 200 that broke.
 * @param headers of the response
 * @param detail what was seen, a few words without prompt, answer or key: `no byte for 75 s`
 */
export function classifyStream(kind: BrokenAnswer, headers: RawHeaders, detail: string | null = null): Failure {
  const { says, ...shape } = shapes[kind];
  return {
    ...shape,
    action: 'retry',
    message: detail === null ? `${says}.` : `${says} (${detail}).`,
    waitMs: null,
    cooldown: false,
    permanent: false,
    requestId: requestIdOf(headers, null),
    headers,
    body: null,
  };
}
