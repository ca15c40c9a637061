import type { Call, Flow, RawHeaders, Reply } from '../core/call.ts';
import { type Answer, collectAnswer } from '../queue/collect-answer.ts';
import { withoutHeaders } from '../wire/headers.ts';
import { answerUnavailable } from './answers.ts';
import type { BatchesDeps } from './deps.ts';

/** Headers that are about one exchange, not about what is asked in it. */
export const ofTheExchange: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'content-encoding',
  'content-type',
  'x-stainless-timeout',
  'x-stainless-read-timeout',
  'x-stainless-retry-count',
]);

/**
 * One call that is answered here instead of by the engine: its reply, which is left alone once the
 * caller has gone, and the flows of what is asked on its behalf.
 */
export class Visit implements Flow, Reply {
  readonly deps: BatchesDeps;
  readonly call: Call;
  readonly #reply: Reply;
  readonly #flows = new Set<Flow>();
  #done: () => void = () => {};
  #begun = false;
  #aborted = false;

  constructor(deps: BatchesDeps, call: Call, reply: Reply) {
    this.deps = deps;
    this.call = call;
    this.#reply = reply;
  }

  /** @param done called once, when it has ended or the caller has left */
  run(serve: () => Promise<void>, done: () => void = () => {}): Flow {
    this.#done = done;
    serve()
      .catch(() => {
        // Before the head it is the database that failed; behind it there is no honest way on.
        if (this.#begun) this.destroy(new Error('the answer could not be finished'));
        else answerUnavailable(this, this.call);
      })
      .finally(() => this.#finish());
    return this;
  }

  /** Asks the engine; the answer is never handed over once the caller has left. */
  ask(call: Call): Promise<Answer | null> {
    return collectAnswer(this.deps.engine, call, (flow) => this.attach(flow));
  }

  /**
   * Asks the upstream about batches on behalf of the caller.
   * @param tail what stands behind `/v1/messages/batches`
   * @param patienceMs waits no longer than this for a route that is shut; default as long as the caller does
   */
  get(tail: string, patienceMs = Number.POSITIVE_INFINITY): Promise<Answer | null> {
    const { call, deps } = this;
    const headers = withoutHeaders(call.headers, ofTheExchange);
    const endpoint = { ...call.endpoint, replay: 'free' } as const;
    const path = `/v1/messages/batches${tail}`;
    const deadlineAtMs = Math.min(call.patience.deadlineAtMs, deps.clock.now() + patienceMs);
    const patience = { ...call.patience, deadlineAtMs };
    return this.ask({ ...call, id: deps.random.id(), method: 'GET', path, headers, body: null, endpoint, patience });
  }

  /** From now on it is told when the caller has caught up or left. */
  attach(flow: Flow): void {
    this.#flows.add(flow);
    if (this.#aborted) flow.abort();
  }

  /** Nobody waits for an answer any more. */
  get hasLeft(): boolean {
    return this.#aborted;
  }

  head(status: number, headers: RawHeaders): void {
    this.#begun = true;
    if (!this.#aborted) this.#reply.head(status, headers);
  }

  write(chunk: Uint8Array): boolean {
    return this.#aborted || this.#reply.write(chunk);
  }

  end(): void {
    if (!this.#aborted) this.#reply.end();
  }

  destroy(error: Error): void {
    if (!this.#aborted) this.#reply.destroy(error);
  }

  resume(): void {
    for (const flow of this.#flows) flow.resume();
  }

  abort(): void {
    this.#aborted = true;
    for (const flow of this.#flows) flow.abort();
    this.#finish();
  }

  #finish(): void {
    this.#done();
    this.#done = () => {};
  }
}
