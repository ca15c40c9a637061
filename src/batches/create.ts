import type { Body, RawHeaders } from '../core/call.ts';
import { wait } from '../core/clock.ts';
import type { LruMap } from '../core/lru.ts';
import { TimeSlice } from '../core/time-slice.ts';
import { queuedBatchId } from '../engine/keeper.ts';
import { offloadHeldMs } from '../queue/limits.ts';
import type { NewBatch } from '../queue/queue.ts';
import { withoutHeaders } from '../wire/headers.ts';
import type { JsonObject } from '../wire/json.ts';
import { answerJson, answerProblem, describe, relay } from './answers.ts';
import { type BatchRequest, readCreation } from './creation-body.ts';
import { jsonOf } from './json-answer.ts';
import { judgeCreation } from './refusal.ts';
import { forCaller, relayBatch } from './relative.ts';
import { sightings, sightingTail, type UnsureCreation } from './sightings.ts';
import { ofTheExchange, type Visit } from './visit.ts';

/** A creation waits no longer for a route that is shut: the queue takes it. Nor does the look for one in doubt. */
const patienceMs = 5_000;
/** A creation whose connection broke may still be under way; the list is asked after this time. */
const settleMs = 2_000;

/** Ids of the upstream's batches that callers have been told: what another creation made is not made by this one. */
export type Told = LruMap<string, true>;

/**
 * Creates a batch: at the upstream, and in the queue when the upstream's endpoint is failing or there
 * is none. Where it is unsure whether the upstream has made it, its list is asked.
 */
export async function createBatch(visit: Visit, told: Told): Promise<void> {
  const { call, deps } = visit;
  const body = await wholeBody(call.body);
  const sentAtMs = deps.clock.now();
  const deadlineAtMs = Math.min(call.patience.deadlineAtMs, sentAtMs + patienceMs);
  const headers = withoutHeaders(call.headers, new Set(['accept-encoding']));
  const asked = await visit.ask({ ...call, headers, body, patience: { ...call.patience, deadlineAtMs } });
  const creation = judgeCreation(asked, deps.clock.now());
  if (asked !== null && creation === 'made') {
    told.getOrCreate(String(jsonOf(asked)?.id), () => true);
    return relayBatch(visit, asked);
  }
  if (asked !== null && creation === 'refused') return relay(visit, asked);

  const read = await readCreation(body, new TimeSlice(deps.clock));
  if ('problem' in read) {
    return answerProblem(visit, call, { status: 400, type: 'invalid_request_error', message: read.problem });
  }
  const giveUp = () => {
    if (asked === null) visit.destroy(new Error('the upstream broke off in the middle of the answer'));
    else relay(visit, asked);
  };
  if (creation === 'unsure') {
    await wait(deps.clock, settleMs);
    const seen = await lookFor(visit, { sentAtMs, count: read.requests.length }, told);
    const [only] = seen ?? [];
    if (only !== undefined && seen?.length === 1) {
      told.getOrCreate(String(only.id), () => true);
      return answerJson(visit, call, forCaller(visit, only));
    }
    // It may exist, and which it is cannot be told: whoever made it can look.
    if (seen === null || seen.length > 1) return giveUp();
  }
  // Who has left was told nothing, and asks again: what was kept would be done twice.
  if (visit.hasLeft) return;
  const kept = await keep(visit, read.requests);
  if (kept === null) giveUp();
  else answerJson(visit, call, kept, ['ridethrough-queued', String(kept.id)]);
}

/** The upstream's batches that may be the one in doubt; null where that cannot be told. */
async function lookFor(visit: Visit, doubt: UnsureCreation, told: Told): Promise<JsonObject[] | null> {
  const { clock, hidden } = visit.deps;
  const listed = await visit.get(sightingTail, patienceMs);
  const offloaded = await hidden().catch(() => null);
  if (offloaded === null) return null;
  return sightings(listed, doubt, clock.now(), (id) => offloaded.has(id) || told.get(id) === true);
}

/** Kept whole, because it may have to go into the queue after it was sent. */
async function wholeBody(body: Body): Promise<Uint8Array> {
  if (body === null || body instanceof Uint8Array) return body ?? new Uint8Array();
  const chunks: Uint8Array[] = [];
  for await (const chunk of body.chunks) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** @returns the batch as it is shown; null when the queue does not take it */
async function keep({ call, deps }: Visit, requests: readonly BatchRequest[]): Promise<JsonObject | null> {
  const { scope, credential } = deps.identify(call.caller);
  const query = call.path.indexOf('?');
  const path = `/v1/messages${query === -1 ? '' : call.path.slice(query)}`;
  const headers: RawHeaders = [...withoutHeaders(call.headers, ofTheExchange), 'content-type', 'application/json'];
  const batch: NewBatch = {
    id: queuedBatchId(call.id),
    scope,
    credential,
    expiresInMs: deps.expiresInMs(),
    heldMs: offloadHeldMs,
    items: requests.map(({ customId, params, model }) => {
      return { id: deps.random.id(), customId, path, headers, body: params, model, priority: 'batch' };
    }),
  };
  try {
    if ((await deps.desk.put(batch)) === 'full') return null;
    const view = await deps.desk.batch(batch.id, scope);
    return view === null ? null : describe(view);
  } catch {
    // Nothing was acknowledged; the upstream's own error is what the caller has to know.
    return null;
  }
}
