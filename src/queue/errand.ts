import type { Call, Caller, Flow } from '../core/call.ts';
import type { Clock } from '../core/clock.ts';
import type { QueueSettings } from '../core/limits.ts';
import { callMsMax, defaultLimits } from '../core/limits.ts';
import type { Random } from '../core/random.ts';
import type { ScoutedEngine } from '../engine/engine.ts';
import { isProblem, makeCall, type Problem } from '../engine/intake.ts';
import { fullJitterMs } from '../policies/backoff.ts';
import { errorEnvelope } from '../wire/envelope.ts';
import { isJsonObject, parseJson, textOf } from '../wire/json.ts';
import { type Answer, collectAnswer } from './collect-answer.ts';
import { type Lease, type Leases, type Return, sendingId } from './leases.ts';
import { againMs } from './limits.ts';
import { type KeptRequest, openRequest, sealResult } from './sealed.ts';
import type { Vault } from './vault.ts';

export interface ErrandDeps {
  readonly engine: ScoutedEngine;
  readonly leases: Leases;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: QueueSettings;
}

/** How one sending of an item ended. `lost`: its lease was. `unwanted`: it failed, and its batch was canceled meanwhile. */
export type ErrandEnd = 'succeeded' | 'errored' | 'returned' | 'quarantined' | 'unwanted' | 'lost';

/** Errors that no other moment mends. 402 is money, which may come; 408, 409 and 429 pass. */
function isFinal(status: number): boolean {
  return status >= 400 && status < 500 && ![402, 408, 409, 429].includes(status);
}

/**
 * One sending of one item: records the attempt, has the engine make it, records how it ended. The
 * item's lease is somebody else's care.
 */
export class Errand {
  readonly lease: Lease;
  readonly call: Call;
  readonly #deps: ErrandDeps;
  #flow: Flow | null = null;
  #abandon: () => void = () => {};
  /** Exchanges that may have been billed though their answers were lost. */
  unsure = 0;
  /** Exchanges that were begun. */
  exchanges = 0;

  private constructor(lease: Lease, call: Call, deps: ErrandDeps) {
    this.lease = lease;
    this.call = call;
    this.#deps = deps;
  }

  /** @returns what is wrong with the item when it cannot be sent at all */
  static open(lease: Lease, caller: Caller, deps: ErrandDeps): Errand | Problem {
    let request: KeptRequest;
    try {
      request = openRequest(deps.vault, lease.id, lease.request);
    } catch {
      const message = 'The request was kept in the queue, and what was kept does not open any more.';
      return { status: 500, type: 'api_error', message };
    }
    const call = callOf(lease, request, caller, deps);
    return isProblem(call) ? call : new Errand(lease, call, deps);
  }

  /** Ends what is under way: its lease is lost, and somebody else will send it. */
  abort(): void {
    this.#flow?.abort();
    this.#abandon();
  }

  /** Sends it. @returns null when the answer broke off, or when it was aborted */
  send(): Promise<Answer | null> {
    const abandoned = new Promise<null>((resolve) => {
      this.#abandon = () => resolve(null);
    });
    const answer = collectAnswer(this.#deps.engine, this.call, (flow) => {
      this.#flow = flow;
    });
    return Promise.race([answer, abandoned]);
  }

  /** Records the answer. To be called again when the store failed: nothing is recorded twice. */
  async settle(answer: Answer | null): Promise<ErrandEnd> {
    const { leases, vault, settings } = this.#deps;
    const error = answer === null ? 'broken_off' : errorTypeOf(answer);
    const { unsure } = this;
    if (answer?.status === 200 || (answer !== null && isFinal(answer.status)) || this.#isUsedUp()) {
      const state = answer?.status === 200 ? 'succeeded' : 'errored';
      const sealed = sealResult(vault, this.lease.id, answer?.body ?? brokenOff);
      return (await leases.finish(this.lease, state, sealed, { unsure, error })) ? state : 'lost';
    }
    const quarantine = unsure > 0 && settings.unsure === 'quarantine';
    const back: Return = { afterMs: this.#againMs(), unsent: !this.#counts(), unsure, quarantine, error };
    const state = await leases.release(this.lease, back);
    if (state === null) return 'lost';
    return state === 'waiting' ? 'returned' : state === 'quarantined' ? 'quarantined' : 'unwanted';
  }

  /** What fails while its route is down is not the item's fault, and what was not sent is no attempt. */
  #counts(): boolean {
    return this.exchanges > 0 && !this.#deps.engine.outlook(this.call).isShut;
  }

  #isUsedUp(): boolean {
    return this.#counts() && this.lease.attempts + 1 >= this.#deps.settings.attempts;
  }

  #againMs(): number {
    return fullJitterMs(this.lease.attempts, againMs.first, againMs.largest, this.#deps.random);
  }
}

const brokenOff = errorEnvelope('api_error', 'The answer broke off each time this request was sent.', {
  code: 'broken_off',
});

/**
 * The call that an item asks for. Its deadline is the farthest there is, because those who wait are
 * served nearest deadline first: live calls go before it.
 */
function callOf(
  lease: Lease,
  { path, headers, body }: KeptRequest,
  caller: Caller,
  { clock, random, settings }: ErrandDeps,
): Call | Problem {
  const deadline = ['ridethrough-deadline', String(callMsMax / 1000)];
  const head = { method: 'POST', path, headers: [...headers, ...deadline] };
  const call = makeCall(head, body, caller, { clock, random, limits: defaultLimits });
  if (isProblem(call)) return call;
  // Where an answer that was lost must not be asked for again, the engine must not do it either.
  const replay = settings.unsure === 'quarantine' ? 'unsent' : call.endpoint.replay;
  const priority = lease.isBatch ? 'batch' : 'sheddable';
  return { ...call, id: sendingId(lease), priority, endpoint: { ...call.endpoint, replay } };
}

function errorTypeOf({ status, body }: Answer): string | null {
  if (status === 200) return null;
  const envelope = parseJson(textOf(body));
  const error = isJsonObject(envelope) ? envelope.error : null;
  // A name of the API's, never a sentence: messages may quote what was asked.
  const type = isJsonObject(error) && /^[a-z_]{1,64}$/.test(String(error.type)) ? String(error.type) : 'error';
  return `${status} ${type}`;
}
