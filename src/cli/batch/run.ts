import type { BatchPart } from '../../batches/creation-body.ts';
import { creationBody } from '../../batches/creation-body.ts';
import { findMade } from '../../batches/find-made.ts';
import { jsonOf } from '../../batches/json-answer.ts';
import { judgeCreation } from '../../batches/refusal.ts';
import { sightingTail } from '../../batches/sightings.ts';
import { type Clock, wait } from '../../core/clock.ts';
import { headerOf } from '../../wire/headers.ts';
import { ApiRefusal } from '../send/failure.ts';
import type { BatchApi } from './api.ts';
import { groupsOf } from './groups.ts';
import { askLive, readResult } from './live.ts';
import type { RunState, SentGroup } from './run-state.ts';

/** Batches are looked at after this long at first, then less and less often. */
const pollMs = { first: 500, largest: 30_000, growth: 1.5 } as const;
/** A creation whose connection broke may still be under way; the list is asked after this time. */
const settleMs = 2_000;
/** Results are written in pieces of this many: each is a wait for the disk. */
const keptAtOnce = 500;

/** What is not known after so long is not found out any more. */
const doubtMsMax = 600_000;
/** The API is known to deny a batch for a moment; after so many looks in a row it is gone. */
const missesMax = 20;

const root = '/v1/messages/batches';

export interface RunOptions {
  readonly api: BatchApi;
  readonly state: RunState;
  readonly lines: readonly BatchPart[];
  /** True: no batches are made, every line is a live call. */
  readonly live: boolean;
  /** Live calls in flight at a time. */
  readonly concurrency: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told, in a sentence, what a person should know. */
  readonly tell: (text: string) => void;
}

/**
 * Brings every line to a result: in batches, and as live calls where batches are failing, where a line
 * has come back undone, or where nothing else was asked for.
 */
export class BatchRun {
  readonly #options: RunOptions;
  readonly #indices: ReadonlyMap<string, number>;
  /** Indices of lines that are to be asked live. */
  readonly #live: number[] = [];
  /** Looks in a row at which a batch was not there, by its group's number. */
  readonly #misses = new Map<number, number>();
  /** Lines asked live so far. */
  liveCount = 0;
  batchCount = 0;

  constructor(options: RunOptions) {
    this.#options = options;
    this.#indices = new Map(options.lines.map(({ customId }, index) => [customId, index]));
  }

  /** What it waits for, in a few words. */
  get doing(): string {
    const { groups } = this.#options.state;
    return groups.size === 0
      ? 'live calls'
      : groups.size === 1
        ? '1 batch under way'
        : `${groups.size} batches under way`;
  }

  /** @throws ApiRefusal when a batch is refused, RidethroughError when the key is, the signal's reason when it is broken off */
  async finish(): Promise<void> {
    const { state, lines, live } = this.#options;
    const taken = new Set([...state.groups.values()].flatMap((group) => group.lines));
    const pending = [...lines.keys()].filter((index) => !taken.has(index) && !this.#isDone(index));
    if (live) this.#live.push(...pending);
    else for (const group of groupsOf(lines, pending)) await this.#create(group);
    await this.#askLive();
    for (
      let delayMs: number = pollMs.first;
      state.groups.size > 0;
      delayMs = Math.min(delayMs * pollMs.growth, pollMs.largest)
    ) {
      for (const [number, group] of [...state.groups]) await this.#look(number, group);
      await this.#askLive();
      if (state.groups.size > 0) await this.#pause(delayMs);
    }
  }

  #isDone(index: number): boolean {
    return this.#options.state.done.has(this.#options.lines[index]?.customId ?? '');
  }

  async #create(indices: readonly number[]): Promise<void> {
    const { api, state, lines, clock, tell } = this.#options;
    const number = state.sending(indices, clock.now());
    const asked = await api.ask('POST', root, creationBody(indices.map((index) => lines[index] as BatchPart)));
    const creation = judgeCreation(asked, clock.now());
    if (asked !== null && creation === 'made') {
      this.batchCount++;
      state.made(number, String(jsonOf(asked)?.id));
    } else if (asked !== null && creation === 'refused') {
      state.over(number);
      const { status, body, headers } = asked;
      throw new ApiRefusal(status, body, headerOf(headers, 'request-id'));
    } else if (creation === 'failing') {
      tell('batches cannot be made at the moment: these lines are asked live.');
      this.#giveUp(number, indices);
    } else await this.#pause(settleMs);
  }

  /** These lines go live. */
  #giveUp(number: number, indices: readonly number[]): void {
    this.#options.state.over(number);
    this.#live.push(...indices.filter((index) => !this.#isDone(index)));
  }

  /** Fetches the results of a batch that has ended. */
  async #look(number: number, group: SentGroup): Promise<void> {
    const { batchId } = group;
    if (batchId === null) return this.#find(number, group);
    const asked = await this.#options.api.ask('GET', `${root}/${batchId}`);
    const misses = asked?.status === 404 ? (this.#misses.get(number) ?? 0) + 1 : 0;
    this.#misses.set(number, misses);
    if (misses === missesMax) {
      this.#options.tell(`the batch ${batchId} is gone: its lines are asked live.`);
      return this.#giveUp(number, group.lines);
    }
    const batch = asked?.status === 200 ? jsonOf(asked) : null;
    if (batch?.processing_status !== 'ended') return;
    if (await this.#collect(batchId, group)) this.#giveUp(number, group.lines);
  }

  /** @returns whether all results were read */
  async #collect(batchId: string, group: SentGroup): Promise<boolean> {
    const { api, state, signal } = this.#options;
    const ours = new Set(group.lines);
    let ready = [];
    try {
      for await (const line of api.lines(`${root}/${batchId}/results`)) {
        const result = readResult(line);
        const index = result === null ? undefined : this.#indices.get(result.customId);
        if (result === null || result.again || index === undefined || !ours.has(index)) continue;
        ready.push(result);
        if (ready.length < keptAtOnce) continue;
        state.keep(ready);
        ready = [];
      }
      return true;
    } catch (error) {
      if (signal.aborted) throw error;
      return false;
    } finally {
      state.keep(ready);
    }
  }

  /** Looks for a batch of which it is not known whether it was made: by time and size, then by what it holds. */
  async #find(number: number, group: SentGroup): Promise<void> {
    const { api, state, clock, tell } = this.#options;
    const listed = await api.ask('GET', `${root}${sightingTail}`);
    const known = new Set([...state.groups.values()].map((each) => each.batchId));
    const doubt = { sentAtMs: group.sentAtMs, count: group.lines.length };
    const found = await findMade(
      listed,
      doubt,
      (id) => known.has(id),
      (id) => this.#holdsOurs(id, group),
    );
    if (typeof found !== 'string') return state.made(number, found.made);
    if (found === 'never made') return this.#giveUp(number, group.lines);
    if (found === 'later' || clock.now() < group.sentAtMs + doubtMsMax) return;
    tell('it cannot be found out whether a batch was made: its lines are asked live, and may be billed twice.');
    this.#giveUp(number, group.lines);
  }

  /** @returns null when its results cannot be read now */
  async #holdsOurs(batchId: string, group: SentGroup): Promise<boolean | null> {
    const ids = new Set(group.lines.map((index) => this.#options.lines[index]?.customId));
    try {
      for await (const line of this.#options.api.lines(`${root}/${batchId}/results`)) {
        const result = readResult(line);
        if (result !== null) return ids.has(result.customId);
      }
    } catch (error) {
      if (this.#options.signal.aborted) throw error;
      return null;
    }
    return false;
  }

  async #askLive(): Promise<void> {
    const { api, state, lines, concurrency } = this.#options;
    const worker = async () => {
      for (let index = this.#live.shift(); index !== undefined; index = this.#live.shift()) {
        this.liveCount++;
        state.keep([await askLive(api, lines[index] as BatchPart)]);
      }
    };
    const workers = Array.from({ length: Math.min(concurrency, this.#live.length) }, () =>
      worker().catch((error: unknown) => {
        // Nobody begins another call; those under way still bring their results.
        this.#live.length = 0;
        throw error;
      }),
    );
    const ends = await Promise.allSettled(workers);
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async #pause(delayMs: number): Promise<void> {
    const { clock, signal } = this.#options;
    await wait(clock, delayMs, signal);
    signal.throwIfAborted();
  }
}
