import type { Clock } from '../../src/core/clock.ts';
import { seededRandom } from '../../src/core/random.ts';
import { ClaudeApi } from '../../src/faults/api/claude-api.ts';
import type { BatchTimes } from '../../src/faults/index.ts';
import { toApiRequest } from '../../src/faults/read-request.ts';
import { calm } from '../../src/faults/scenario.ts';
import type { MemoryUpstream } from '../../src/testing/index.ts';

/** What is asked of the API, as far as tests count it. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

/** What befalls a request: `down`: 529. `lost`: it is done, and the connection breaks. `cut`: it is not done. */
export type Mishap = 'down' | 'lost' | 'cut' | null;

/** The simulated API without sockets, in virtual time. */
export class VirtualApi {
  readonly asked: Asked[] = [];
  /** Decides about each request; default: nothing befalls it. */
  mishap: (asked: Asked) => Mishap = () => null;
  readonly #api: ClaudeApi;

  constructor(clock: Clock, times: BatchTimes) {
    this.#api = new ClaudeApi(clock, seededRandom(9), calm.rateLimits);
    this.#api.pace(times);
  }

  count(method: string, path: RegExp): number {
    return this.asked.filter((each) => each.method === method && path.test(each.path)).length;
  }

  readonly upstream: MemoryUpstream = (request, respond) => {
    const body = request.body instanceof Uint8Array ? request.body : new Uint8Array();
    const asked = { method: request.method, path: request.path, body: Buffer.from(body).toString() };
    this.asked.push(asked);
    const mishap = this.mishap(asked);
    const id = `req_${this.asked.length}`;
    const headers = ['content-type', 'application/json', 'request-id', id];
    if (mishap === 'cut') return respond.fail('ECONNRESET');
    if (mishap === 'down') {
      const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' }, request_id: id };
      return respond.answer(529, headers, JSON.stringify(error));
    }
    const given = { method: request.method, url: request.path, headers: { 'x-api-key': 'any', host: 'upstream' } };
    const answer = this.#api.answer(toApiRequest(given, body), id, false);
    if (answer instanceof Promise) throw new Error('the API answers at once');
    if (mishap === 'lost') return respond.fail('ECONNRESET');
    if (answer.frames !== null)
      return respond.answer(answer.status, ['content-type', 'text/event-stream'], answer.frames.join(''));
    respond.answer(answer.status, ['content-type', answer.contentType, 'request-id', id], answer.body);
  };
}
