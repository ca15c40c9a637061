import type { Clock } from '../../core/clock.ts';
import type { Random } from '../../core/random.ts';
import { expectedAnswer } from './answer.ts';
import { type Answer, type ApiRequest, jsonAnswer, refusalAnswer } from './answering.ts';
import { isObject, type JsonObject, objectsIn, textOf } from './message.ts';
import { invalidRequest, type Refusal, refusalOf } from './refusals.ts';
import { Shelf } from './shelf.ts';

interface Batch {
  readonly id: string;
  readonly createdAtMs: number;
  readonly requests: readonly JsonObject[];
  cancelAtMs: number | null;
  endedAtMs: number | null;
}

const dayMs = 86_400_000;
const iso = (atMs: number | null) => (atMs === null ? null : new Date(atMs).toISOString());
const notFound = (what: string): Refusal => ({ status: 404, type: 'not_found_error', message: what });

/**
 * Message Batches in memory. A batch is in progress when it is created, and has ended when it is
 * next looked at: no clock decides, so a test needs no wait. Results come in another order than the
 * requests, as they may.
 */
export class Batches {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #shelf = new Shelf<Batch>();

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
      return jsonAnswer({ ...page, data: page.data.map((batch) => this.#looked(batch, request)) });
    }
    const batch = this.#shelf.get(id);
    if (batch === undefined) return refuse(notFound(`batch ${id} not found`));
    if (action === 'cancel') {
      if (batch.endedAtMs === null) batch.cancelAtMs ??= this.#clock.now();
      return jsonAnswer(describe(batch, request));
    }
    if (action === 'results') {
      return { ...jsonAnswer({}), contentType: 'application/x-jsonl', body: results(batch, requestId) };
    }
    if (request.method !== 'DELETE') return jsonAnswer(this.#looked(batch, request));
    this.#shelf.delete(id);
    return jsonAnswer({ id, type: 'message_batch_deleted' });
  }

  #create(request: ApiRequest, requestId: string): Answer {
    const requests = objectsIn(request.json?.requests);
    const ids = requests.map((item) => textOf(item.custom_id));
    const bad = ids.find((id) => !/^[a-zA-Z0-9_-]{1,64}$/.test(id));
    if (requests.length === 0) return refusalAnswer(invalidRequest('requests: Field required'), requestId);
    if (bad !== undefined || new Set(ids).size < ids.length) {
      return refusalAnswer(
        invalidRequest('requests: custom_id must be unique and match ^[a-zA-Z0-9_-]{1,64}$'),
        requestId,
      );
    }
    const id = `msgbatch_01${this.#random.id()}`;
    const batch = { id, createdAtMs: this.#clock.now(), requests, cancelAtMs: null, endedAtMs: null };
    this.#shelf.put(id, batch);
    return jsonAnswer(describe(batch, request));
  }

  #looked(batch: Batch, request: ApiRequest): object {
    batch.endedAtMs ??= this.#clock.now();
    return describe(batch, request);
  }
}

/** A batch as the API shows it: until it has ended, everything counts as processing. */
function describe(batch: Batch, request: ApiRequest): object {
  const counts = { processing: 0, succeeded: 0, errored: 0, canceled: 0, expired: 0 };
  for (const item of batch.requests) counts[batch.endedAtMs === null ? 'processing' : outcome(batch, item)]++;
  return {
    id: batch.id,
    type: 'message_batch',
    processing_status: batch.endedAtMs !== null ? 'ended' : batch.cancelAtMs !== null ? 'canceling' : 'in_progress',
    request_counts: counts,
    created_at: iso(batch.createdAtMs),
    expires_at: iso(batch.createdAtMs + dayMs),
    ended_at: iso(batch.endedAtMs),
    cancel_initiated_at: iso(batch.cancelAtMs),
    archived_at: null,
    results_url:
      batch.endedAtMs === null ? null : `http://${request.headers.host}/v1/messages/batches/${batch.id}/results`,
  };
}

const paramsOf = (item: JsonObject) => (isObject(item.params) ? item.params : {});

function outcome(batch: Batch, item: JsonObject): 'succeeded' | 'errored' | 'canceled' {
  if (batch.cancelAtMs !== null) return 'canceled';
  return refusalOf(paramsOf(item), false) === null ? 'succeeded' : 'errored';
}

function results(batch: Batch, requestId: string): string {
  const lines = batch.requests.map((item) => {
    const type = outcome(batch, item);
    const custom_id = item.custom_id;
    if (type === 'succeeded') return { custom_id, result: { type, message: expectedAnswer(paramsOf(item)) } };
    if (type === 'canceled') return { custom_id, result: { type } };
    const refusal = refusalOf(paramsOf(item), false);
    const error = { type: 'error', error: { type: refusal?.type, message: refusal?.message }, request_id: requestId };
    return { custom_id, result: { type, error } };
  });
  return lines
    .map((line) => `${JSON.stringify(line)}\n`)
    .reverse()
    .join('');
}
