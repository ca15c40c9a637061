import type { Answer } from '../queue/collect-answer.ts';
import { withoutHeaders } from '../wire/headers.ts';
import { isJsonObject, type JsonObject } from '../wire/json.ts';
import { relay, relayJson } from './answers.ts';
import { isManaged } from './deps.ts';
import { jsonOf } from './json-answer.ts';
import type { Visit } from './visit.ts';

/**
 * A batch of the upstream's as its caller may see it. In managed mode `results_url` loses its origin:
 * the SDKs send the credential they have, here a gateway token, to whatever origin stands there (R13).
 */
export function forCaller(visit: Visit, batch: JsonObject): JsonObject {
  const url = batch.results_url;
  if (!isManaged(visit.call) || typeof url !== 'string' || !URL.canParse(url)) return batch;
  const { pathname, search } = new URL(url);
  return { ...batch, results_url: `${pathname}${search}` };
}

/** Hands on an answer with one batch in it; what has nothing to be changed stays byte for byte. */
export function relayBatch(visit: Visit, asked: Answer): void {
  const batch = isManaged(visit.call) && asked.status < 300 ? jsonOf(asked) : null;
  if (!isJsonObject(batch)) relay(visit, asked);
  else relayJson(visit, asked, forCaller(visit, batch));
}

/** Asks the upstream, in the caller's words, about a batch of its own. */
export async function passRelative(visit: Visit): Promise<void> {
  const { call } = visit;
  const headers = withoutHeaders(call.headers, new Set(['accept-encoding']));
  const asked = await visit.ask({ ...call, headers });
  if (asked === null) visit.destroy(new Error('the upstream broke off in the middle of the answer'));
  else relayBatch(visit, asked);
}
