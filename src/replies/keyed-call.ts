import type { Call, Flow, Reply } from '../core/call.ts';
import { wait } from '../core/clock.ts';
import { ownError, ownTimeout, refuse } from '../engine/final-error.ts';
import { fingerprint } from '../engine/flights.ts';
import type { Problem } from '../engine/intake.ts';
import { pollMs, renewMs } from './bounds.ts';
import { isFinal, type KeptReply, openReply, sealReply } from './kept-reply.ts';
import { PatientReply } from './patient-reply.ts';
import { notKept, Recording } from './recording.ts';
import type { KeyedDeps } from './replies.ts';
import type { Claim, Known } from './reply-records.ts';

const inUse: Problem = {
  status: 409,
  type: 'conflict_error',
  message: 'ridethrough-key: This key is in use for a different request; use a new key for a new request.',
};
const stillRunning: Problem = {
  status: 504,
  type: 'timeout_error',
  message: 'ridethrough-key: Another gateway still works on the request of this key; ask for it again later.',
};

/** On this topic the store tells that a key has its answer. */
const topic = 'replies';

/** One call that has a `ridethrough-key`: asked, joined, awaited or answered from what is kept. */
export class KeyedCall implements Flow {
  readonly #deps: KeyedDeps;
  readonly #call: Call;
  readonly #name: string;
  readonly #print: string;
  #reply: Reply;
  #patient: PatientReply | null = null;
  readonly #left = new AbortController();
  #flow: Flow | null = null;

  constructor(deps: KeyedDeps, call: Call, key: string, reply: Reply) {
    this.#deps = deps;
    this.#call = call;
    this.#reply = reply;
    const { scope, credential } = deps.identify(call.caller);
    this.#name = deps.vault.nameOf(`reply\0${scope}\0${credential}\0${key}`);
    this.#print = deps.vault.nameOf(`print\0${fingerprint(call)}`);
  }

  start(): Flow {
    this.#serve().catch(() => {
      // Better an answer that is not kept than none: only calls in flight are protected then.
      this.#begin({ ...this.#call, warnings: [...this.#call.warnings, notKept] }, this.#reply);
    });
    return this;
  }

  resume(): void {
    this.#flow?.resume();
  }

  abort(): void {
    this.#left.abort();
    this.#patient?.stop();
    this.#flow?.abort();
  }

  async #serve(): Promise<void> {
    const { records, settings, vault, clock } = this.#deps;
    for (;;) {
      const known = await records.claim(this.#name, this.#print, settings());
      if (this.#left.signal.aborted) return this.#giveBack(known);
      if (known.state === 'ours') return this.#ask(known.claim);
      if (known.state === 'other') return this.#refuse(inUse);
      if (known.state === 'kept') return this.#replay(openReply(vault, this.#name, known.reply));
      const recording = this.#deps.recordings.get(this.#name);
      if (recording !== undefined && !recording.over) {
        this.#flow = recording.join(this.#call, this.#reply);
        return;
      }
      // An engine that drains says so, and that the call may be made again.
      if (this.#deps.draining.aborted) return this.#begin(this.#call, this.#reply);
      const leftMs = this.#call.patience.deadlineAtMs - clock.now();
      if (leftMs <= 0) return void refuse(this.#reply, ownTimeout(stillRunning, this.#call));
      this.#keepAwake();
      await this.#news(Math.min(pollMs, leftMs));
      if (this.#left.signal.aborted) return;
    }
  }

  #giveBack(known: Known): void {
    if (known.state === 'ours') this.#deps.records.drop(known.claim).catch(() => {});
  }

  /** This is the first call of its key. */
  #ask(claim: Claim): void {
    const { engine, records, recordings, vault, clock, store } = this.#deps;
    if (claim.takenOver) this.#deps.onTakeover();
    const settled = new AbortController();
    const recording = new Recording(engine, this.#reply, async (answer) => {
      settled.abort();
      try {
        const isKept = answer !== null && isFinal(answer, this.#call.endpoint.name, clock.now());
        if (isKept) await records.keep(claim, sealReply(vault, this.#name, answer));
        else await records.drop(claim);
        store.hint(topic);
      } finally {
        recordings.delete(this.#name);
      }
    });
    recordings.set(this.#name, recording);
    this.#flow = recording;
    void this.#renew(claim, settled.signal);
    recording.begin(this.#call);
  }

  async #renew(claim: Claim, settled: AbortSignal): Promise<void> {
    while (await wait(this.#deps.clock, renewMs, settled)) {
      // A lease that cannot be renewed may be lost; what then is kept is decided by its fence.
      await this.#deps.records.renew(claim).catch(() => true);
    }
  }

  #replay({ status, headers, body }: KeptReply): void {
    this.#reply.head(status, [...headers, 'ridethrough-replayed', 'yes']);
    this.#reply.write(body);
    this.#reply.end();
  }

  /** From now on the caller of a stream is told that it is waited for. */
  #keepAwake(): void {
    if (this.#patient !== null || !this.#call.facts?.stream) return;
    this.#patient = new PatientReply(this.#deps.clock, this.#call, this.#reply);
    this.#reply = this.#patient;
  }

  #refuse(problem: Problem): void {
    refuse(this.#reply, ownError(problem, this.#call));
  }

  #begin(call: Call, reply: Reply): void {
    if (!this.#left.signal.aborted) this.#flow = this.#deps.engine.handle(call, reply);
  }

  async #news(delayMs: number): Promise<void> {
    const { clock, store } = this.#deps;
    const woken = new AbortController();
    const stop = store.onHint(topic, () => woken.abort());
    await wait(clock, delayMs, AbortSignal.any([woken.signal, this.#left.signal, this.#deps.draining]));
    stop();
  }
}
