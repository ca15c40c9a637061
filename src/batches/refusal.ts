import { neverConnected } from '../core/connection-codes.ts';
import type { Answer } from '../queue/collect-answer.ts';
import { classifyResponse } from '../wire/classify.ts';
import { headerOf } from '../wire/headers.ts';
import { isJsonObject } from '../wire/json.ts';
import { jsonOf } from './json-answer.ts';

/**
 * What an answer to a creation says of the batch. `made`: it exists. `refused`: it does not, and
 * never will. `failing`: it does not, because the endpoint is down or there is none; another moment, or the
 * queue, may do it. `unsure`: it may exist.
 */
export type Creation = 'made' | 'refused' | 'failing' | 'unsure';

/** @param nowMs `Clock.now()` */
export function judgeCreation(asked: Answer | null, nowMs: number): Creation {
  if (asked === null) return 'unsure';
  const { status, headers, body } = asked;
  if (status < 300) return jsonOf(asked) === null ? 'unsure' : 'made';
  if (status === 404 || status === 405) return 'failing';
  const isOwn = headerOf(headers, 'ridethrough-origin') === 'gateway';
  // What it advises besides tells how much patience there was, and nothing of the batch.
  if (isOwn && wasNeverSent(asked)) return 'failing';
  const { action } = classifyResponse({ status, headers, body, endpoint: 'batches', nowMs });
  if (action !== 'retry') return 'refused';
  if (isOwn) return 'unsure';
  // An error of the API's own says that it did not do it; a page of the edge says nothing of what is behind it.
  return headerOf(headers, 'request-id') !== null && jsonOf(asked) !== null ? 'failing' : 'unsure';
}

function wasNeverSent(asked: Answer): boolean {
  if (headerOf(asked.headers, 'ridethrough-attempts') === '0') return true;
  const error = jsonOf(asked)?.error;
  const details = isJsonObject(error) ? error.details : null;
  return isJsonObject(details) && neverConnected(String(details.error_code));
}
