import type { Clock } from '../../core/clock.ts';
import type { Random } from '../../core/random.ts';
import { expectedAnswer } from './answer.ts';
import { type Answer, type ApiRequest, jsonAnswer, refusalAnswer } from './answering.ts';
import { batchRefusal, notInBatches } from './batch-refusals.ts';
import { isObject, type JsonObject, objectsIn } from './message.ts';
import { invalidRequest, type Refusal, refusalOf } from './refusals.ts';
import { Shelf } from './shelf.ts';

/** How long batches take. */
export interface BatchTimes {
  /** Milliseconds from creation to the end; 0: it has ended when it is next looked at. */
  readonly endMs: number;
  /** Milliseconds after which what is not done expires; the real API's 24 hours by default. */
  readonly expiryMs: number;
}

/** Batches end as soon as they are looked at, so that a test needs no wait. */
export const promptBatches: BatchTimes = { endMs: 0, expiryMs: 86_400_000 };

interface Batch {
  readonly id: string;
  readonly createdAtMs: number;
  readonly endsAtMs: number;
  readonly expiresAtMs: number;
  readonly requests: readonly JsonObject[];
  cancelAtMs: number | null;
  endedAtMs: number | null;
}

const iso = (atMs: number | null) => (atMs === null ? null : new Date(atMs).toISOString());
const notFound = (id: string): Refusal => ({ status: 404, type: 'not_found_error', message: `batch ${id} not found` });

/**
 * Message Batches in memory. The simulator's clock ends them, by the times of the scenario; a batch is
 * always in progress when it is created. What is wrong with a request's `params` is found out at the
 * end. Results come in another order than the requests, as they may.
 */
export class Batches {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #shelf = new Shelf<Batch>();
  /** What holds for the batches to come. */
  times: BatchTimes = promptBatches;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** @param rest path below `/v1/messages/batches`, in segments */
  answer(request: ApiRequest, rest: readonly string[], query: URLSearchParams, requestId: string): Answer {
    const refuse = (refusal: Refusal) => refusalAnswer(refusal, requestId);
    const [id, action] = rest;
    if (id === undefined) {
      if (request.method === 'POST') return this.#create(request, requestId);
      const page = this.#shelf.page(query);
      return jsonAnswer({ ...page, data: page.data.map((batch) => describe(this.#look(batch), request)) });
    }
    const batch = this.#shelf.get(id);
    if (batch === undefined) return refuse(notFound(id));
    if (action === 'cancel' && request.method === 'POST') {
      // One that takes no time at all ends when it is looked at, and can be canceled until then.
      if (batch.endsAtMs > batch.createdAtMs) this.#look(batch);
      if (batch.endedAtMs === null) batch.cancelAtMs ??= this.#clock.now();
      return jsonAnswer(describe(batch, request));
    }
    this.#look(batch);
    if (action === 'results') {
      if (batch.endedAtMs === null) return refuse(invalidRequest(`batch ${id} has not ended: it has no results yet`));
      return { ...jsonAnswer({}), contentType: 'application/x-jsonl', body: results(batch, requestId) };
    }
    if (request.method !== 'DELETE') return jsonAnswer(describe(batch, request));
    if (batch.endedAtMs === null)
      return refuse(invalidRequest(`batch ${id} has not ended: cancel it before you delete it`));
    this.#shelf.delete(id);
    return jsonAnswer({ id, type: 'message_batch_deleted' });
  }

  #create(request: ApiRequest, requestId: string): Answer {
    const refusal = batchRefusal(request.json);
    if (refusal !== null) return refusalAnswer(refusal, requestId);
    const createdAtMs = this.#clock.now();
    const batch: Batch = {
      id: `msgbatch_01${this.#random.id()}`,
      createdAtMs,
      endsAtMs: createdAtMs + this.times.endMs,
      expiresAtMs: createdAtMs + this.times.expiryMs,
      requests: objectsIn(request.json?.requests),
      cancelAtMs: null,
      endedAtMs: null,
    };
    this.#shelf.put(batch.id, batch);
    return jsonAnswer(describe(batch, request));
  }

  /** The batch as of now. */
  #look(batch: Batch): Batch {
    const endAtMs = batch.cancelAtMs ?? Math.min(batch.endsAtMs, batch.expiresAtMs);
    if (endAtMs <= this.#clock.now()) batch.endedAtMs ??= endAtMs;
    return batch;
  }
}

/** A batch as the API shows it: until it has ended, everything counts as processing. */
function describe(batch: Batch, request: ApiRequest): object {
  const { endedAtMs } = batch;
  const counts = { processing: 0, succeeded: 0, errored: 0, canceled: 0, expired: 0 };
  for (const item of batch.requests) counts[endedAtMs === null ? 'processing' : outcome(batch, item)]++;
  return {
    id: batch.id,
    type: 'message_batch',
    processing_status: endedAtMs !== null ? 'ended' : batch.cancelAtMs !== null ? 'canceling' : 'in_progress',
    request_counts: counts,
    created_at: iso(batch.createdAtMs),
    expires_at: iso(batch.expiresAtMs),
    ended_at: iso(endedAtMs),
    cancel_initiated_at: iso(batch.cancelAtMs),
    archived_at: null,
    results_url: endedAtMs === null ? null : `http://${request.headers.host}/v1/messages/batches/${batch.id}/results`,
  };
}

const paramsOf = (item: JsonObject) => (isObject(item.params) ? item.params : {});

function outcome(batch: Batch, item: JsonObject): 'succeeded' | 'errored' | 'canceled' | 'expired' {
  if (batch.cancelAtMs !== null) return 'canceled';
  if (batch.expiresAtMs < batch.endsAtMs) return 'expired';
  return problemOf(item) === null ? 'succeeded' : 'errored';
}

function problemOf(item: JsonObject): Refusal | null {
  return notInBatches(paramsOf(item)) ?? refusalOf(paramsOf(item), false);
}

function results(batch: Batch, requestId: string): string {
  const lines = batch.requests.map((item) => {
    const type = outcome(batch, item);
    const custom_id = item.custom_id;
    if (type === 'succeeded') return { custom_id, result: { type, message: expectedAnswer(paramsOf(item)) } };
    if (type !== 'errored') return { custom_id, result: { type } };
    const problem = problemOf(item);
    const error = { type: 'error', error: { type: problem?.type, message: problem?.message }, request_id: requestId };
    return { custom_id, result: { type, error } };
  });
  return lines
    .map((line) => `${JSON.stringify(line)}\n`)
    .reverse()
    .join('');
}
