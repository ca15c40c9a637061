import type { Call, RawHeaders, Reply } from '../core/call.ts';
import { ownError, ownHeaders } from '../engine/final-error.ts';
import type { Problem } from '../engine/intake.ts';
import { queuedBatchId } from '../engine/keeper.ts';
import type { Answer } from '../queue/collect-answer.ts';
import type { BatchView } from '../queue/queue.ts';
import { withoutHeaders } from '../wire/headers.ts';
import type { JsonObject } from '../wire/json.ts';

/** Headers that described the bytes as they were. */
const ofTheBytes: ReadonlySet<string> = new Set(['content-length', 'content-encoding', 'etag']);

/** How ids of queued batches begin; what stands behind it is a `ridethrough-id`. */
export const ownPrefix = queuedBatchId('');

/** Answers with a JSON object of our own. An upstream's `request-id` is never invented. */
export function answerJson(reply: Reply, call: Call, value: object, headers: RawHeaders = []): void {
  send(reply, 200, ['content-type', 'application/json', ...ownHeaders(call), ...headers], JSON.stringify(value));
}

/** Answers with an error of our own, in the API's envelope. */
export function answerProblem(reply: Reply, call: Call, problem: Problem): void {
  relay(reply, ownError(problem, call));
}

/** The database did not answer: another moment may be better. */
export function answerUnavailable(reply: Reply, call: Call): void {
  const message = 'The queue cannot be read at the moment: ask again.';
  const error = ownError({ status: 503, type: 'api_error', message }, call);
  const headers = withoutHeaders(error.headers, new Set(['x-should-retry']));
  relay(reply, { ...error, headers }, ['x-should-retry', 'true', 'retry-after', '2']);
}

/** As the API answers of a batch that does not exist, or is not the caller's. */
export const notFound = (id: string): Problem => ({
  status: 404,
  type: 'not_found_error',
  message: `batch ${id} not found`,
});

/** Hands on an answer as it came. */
export function relay(reply: Reply, { status, headers, body }: Answer, more: RawHeaders = []): void {
  reply.head(status, [...headers, ...more]);
  reply.write(body);
  reply.end();
}

/** Hands on an answer with another JSON object in it. */
export function relayJson(reply: Reply, { status, headers }: Answer, value: object): void {
  send(reply, status, withoutHeaders(headers, ofTheBytes), JSON.stringify(value));
}

function send(reply: Reply, status: number, headers: RawHeaders, text: string): void {
  const body = Buffer.from(text);
  relay(reply, { status, headers, body }, ['content-length', String(body.length)]);
}

/** A queued batch as the API shows one. `results_url` is relative: the SDKs send their credential wherever it points. */
export function describe(view: BatchView): JsonObject {
  const { id, counts, endedAtMs, cancelInitiatedAtMs, archivedAtMs } = view;
  const ended = endedAtMs !== null;
  return {
    id,
    type: 'message_batch',
    processing_status: ended ? 'ended' : cancelInitiatedAtMs !== null ? 'canceling' : 'in_progress',
    request_counts: counts,
    ended_at: iso(endedAtMs),
    created_at: iso(view.createdAtMs),
    expires_at: iso(view.expiresAtMs),
    archived_at: iso(archivedAtMs),
    cancel_initiated_at: iso(cancelInitiatedAtMs),
    results_url: ended && archivedAtMs === null ? `/v1/messages/batches/${id}/results` : null,
  };
}

function iso(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}
