import type { Caller, RawHeaders } from '../core/call.ts';
import { defaultLimits } from '../core/limits.ts';
import type { Engine } from '../engine/engine.ts';
import { isProblem, makeCall } from '../engine/intake.ts';
import { type Answer, collectAnswer } from '../queue/collect-answer.ts';
import { sealResult } from '../queue/sealed.ts';
import { creationBody } from './creation-body.ts';
import { findMade } from './find-made.ts';
import { jsonOf } from './json-answer.ts';
import { fittingOf } from './offload-request.ts';
import type { OffloadGroup, OffloadResult, OffloadStore } from './offload-store.ts';
import type { OffloadDeps } from './offloader.ts';
import { judgeCreation } from './refusal.ts';
import { readResultLine } from './result-lines.ts';
import { sightingTail } from './sightings.ts';

/** How a step ended. `done`: the group is gone. `failing`: it is gone, and its batch was not made. `later`: it goes on. */
export type StepEnd = 'done' | 'failing' | 'later';

/** A creation may show in the list only after a while; before it is known not to have been made. */
const appearMs = 60_000;
/** Whatever is not known of a batch by then, two days after it was sent, is not found out any more. */
const doubtMsMax = 172_800_000;
/** A batch is looked at again after a tenth of its age, within these bounds. */
const lookMs = { least: 5_000, most: 300_000 } as const;
/** Results are recorded in transactions of this many. */
const recordedAtOnce = 100;
const sideSeconds = 60;
/** Results of one batch are read whole; a larger text would not fit into one string. */
const resultsBytesMax = 2 ** 29 - 2 ** 10;

const root = '/v1/messages/batches';

/** One step of one group, from what the database says of it to what it will say. */
export class OffloadErrand {
  readonly #deps: OffloadDeps;
  readonly #store: OffloadStore;
  readonly #engine: Engine;
  readonly #group: OffloadGroup;

  constructor(deps: OffloadDeps, store: OffloadStore, engine: Engine, group: OffloadGroup) {
    this.#deps = deps;
    this.#store = store;
    this.#engine = engine;
    this.#group = group;
  }

  /** @throws StoreError; the group is gone on with when its lease has run out */
  async step(): Promise<StepEnd> {
    const caller = this.#deps.keyring.callerFor(this.#group);
    const { state } = this.#group;
    // Nothing was sent yet, and the one who could send it has gone: the queue says what it waits for.
    if (caller === null) return state === 'gathered' ? this.#dissolve(true, 'failing') : this.#later();
    if (state === 'gathered') return this.#create(caller);
    return state === 'sent' ? this.#find(caller) : this.#look(caller);
  }

  async #create(caller: Caller): Promise<StepEnd> {
    const { clock, vault } = this.#deps;
    const { path, headers, parts } = fittingOf(vault, await this.#store.itemsOf(this.#group));
    if (parts.length === 0) return this.#dissolve(false, 'done');
    if (!(await this.#store.sending(this.#group, parts.length))) return 'later';
    const asked = await this.#ask(caller, 'POST', path, headers, creationBody(parts));
    const creation = judgeCreation(asked, clock.now());
    if (asked !== null && creation === 'made') {
      await this.#store.opened(this.#group, String(jsonOf(asked)?.id), lookMs.least);
      return 'later';
    }
    // What the endpoint refuses for good is asked for live, where the answer says why.
    if (creation === 'refused') return this.#dissolve(false, 'done');
    return creation === 'failing' ? this.#dissolve(true, 'failing') : this.#later();
  }

  /** It was sent, and nobody knows whether the batch exists: the list does (R15). */
  async #find(caller: Caller): Promise<StepEnd> {
    const { items: count, sentAtMs } = this.#group;
    const known = await this.#store.knownBatches();
    const ours = new Set((await this.#store.itemsOf(this.#group)).map(({ id }) => id));
    const found = await findMade(
      await this.#ask(caller, 'GET', `${root}${sightingTail}`),
      { sentAtMs: sentAtMs ?? 0, count },
      (id) => known.has(id),
      async (id) => (await this.#results(caller, id))?.some(({ customId }) => ours.has(customId)) ?? null,
    );
    if (typeof found !== 'string') {
      // What is ours is canceled and deleted: what merely looks like it may be somebody else's.
      if (!found.isCompared) return this.#later();
      await this.#store.opened(this.#group, found.made, 0);
      return 'later';
    }
    if (found === 'never made' && this.#group.ageMs >= appearMs) return this.#dissolve(true, 'failing');
    return this.#isPastDoubt() ? this.#dissolve(false, 'done') : this.#later();
  }

  async #look(caller: Caller): Promise<StepEnd> {
    const { batchId } = this.#group;
    const asked = await this.#ask(caller, 'GET', `${root}/${batchId}`);
    const status = asked?.status === 200 ? jsonOf(asked)?.processing_status : null;
    if (status === 'ended') return this.#bringHome(caller, String(batchId));
    if (status === 'in_progress' && !(await this.#store.isWanted(this.#group))) {
      await this.#ask(caller, 'POST', `${root}/${batchId}/cancel`);
    }
    // The API is known to deny a batch for a moment, so that alone ends nothing.
    return asked?.status === 404 && this.#isPastDoubt() ? this.#dissolve(false, 'done') : this.#later();
  }

  /** Records what succeeded; whatever else became of an item, it goes back to the queue and is asked for live. */
  async #bringHome(caller: Caller, batchId: string): Promise<StepEnd> {
    const lines = await this.#results(caller, batchId);
    if (lines === null) return this.#isPastDoubt() ? this.#dissolve(false, 'done') : this.#later();
    const results: OffloadResult[] = lines.map(({ customId: id, message }) => ({
      id,
      message: message === null ? null : sealResult(this.#deps.vault, id, Buffer.from(message)),
    }));
    for (let at = 0; at < results.length; at += recordedAtOnce) {
      await this.#store.record(this.#group, results.slice(at, at + recordedAtOnce));
    }
    await this.#store.dissolve(this.#group, false);
    // It is ours alone, and would stand in the caller's list beside the batches whose work it was.
    await this.#ask(caller, 'DELETE', `${root}/${batchId}`);
    return 'done';
  }

  /** @returns null when they cannot be read to their end */
  async #results(caller: Caller, batchId: string) {
    const asked = await this.#ask(caller, 'GET', `${root}/${batchId}/results`, undefined, null, resultsBytesMax);
    if (asked?.status !== 200) return null;
    const lines = Buffer.from(asked.body).toString('utf8').split('\n');
    return lines.flatMap((line) => readResultLine(line) ?? []);
  }

  #isPastDoubt(): boolean {
    return this.#group.ageMs > doubtMsMax;
  }

  async #later(): Promise<StepEnd> {
    await this.#store.postpone(this.#group, Math.min(Math.max(this.#group.ageMs / 10, lookMs.least), lookMs.most));
    return 'later';
  }

  async #dissolve(again: boolean, end: StepEnd): Promise<StepEnd> {
    await this.#store.dissolve(this.#group, again);
    return end;
  }

  async #ask(
    caller: Caller,
    method: string,
    path: string,
    headers: RawHeaders = ['anthropic-version', '2023-06-01'],
    body: Uint8Array | null = null,
    bytesMax?: number,
  ): Promise<Answer | null> {
    const head = { method, path, headers: [...headers, 'ridethrough-deadline', String(sideSeconds)] };
    const { clock, random } = this.#deps;
    const call = makeCall(head, body, caller, { clock, random, limits: defaultLimits });
    if (isProblem(call)) return null;
    return collectAnswer(this.#engine, { ...call, priority: 'batch' }, () => {}, bytesMax);
  }
}
