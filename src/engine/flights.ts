import { createHash } from 'node:crypto';
import type { Call, Flow, RawHeaders, Reply } from '../core/call.ts';
import type { Clock } from '../core/clock.ts';
import { answerBytesMax } from '../core/limits.ts';
import { ownError, refuse } from './final-error.ts';

/** One upstream call that several callers may share. */
export interface SharedRun extends Flow {
  /** It ended with an error only because its own caller would not wait longer: another one may. */
  readonly outOfPatience: boolean;
}

type Begin = (call: Call, reply: Reply) => SharedRun;

/** One caller of a shared flight, and how far it has read. */
interface Passenger {
  readonly call: Call;
  readonly reply: Reply;
  read: number;
  headSent: boolean;
  blocked: boolean;
}

/**
 * Single-flight on an explicit key: equal calls of one caller under one `ridethrough-key` that are
 * in flight together share one upstream call. Never on equal bodies alone: sampling makes equal
 * prompts deliberately different. A different request under the same key is refused (409).
 */
export class Flights {
  readonly #clock: Clock;
  readonly #begin: Begin;
  readonly #flights = new Map<string, Flight>();

  constructor(clock: Clock, begin: Begin) {
    this.#clock = clock;
    this.#begin = begin;
  }

  join(call: Call, reply: Reply): Flow {
    const name = `${call.caller.token ?? ''} ${call.caller.credential?.id ?? ''} ${call.key}`;
    const print = fingerprint(call);
    const known = this.#flights.get(name);
    if (known === undefined) {
      const flight = new Flight(print, this.#clock, this.#begin, () => this.#flights.delete(name));
      this.#flights.set(name, flight);
      return flight.board(call, reply);
    }
    if (known.print === print) return known.board(call, reply);
    const message = 'ridethrough-key: This key is in use for a different request; use a new key for a new request.';
    return refuse(reply, ownError({ status: 409, type: 'conflict_error', message }, call));
  }
}

/** What decides the answer: the body, what the API reads of the headers, and what the engine is asked to do. */
export function fingerprint({ method, path, headers, release, thinking, fallback, body }: Call): string {
  const read: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = (headers[i] as string).toLowerCase();
    if (name.startsWith('anthropic-')) read.push(`${name}: ${headers[i + 1]}`);
  }
  const hash = createHash('sha256').update(JSON.stringify([method, path, read.sort(), release, thinking, fallback]));
  if (body instanceof Uint8Array) hash.update(body);
  return hash.digest('base64');
}

/**
 * One upstream call with several readers. What came is kept, so that whoever joins late reads it
 * from the beginning; it outlives the caller who began it while anybody else is aboard. When the
 * leader's time runs out before a good answer, only the leader is told, and the next one leads.
 */
class Flight implements Reply {
  readonly print: string;
  readonly #clock: Clock;
  readonly #begin: Begin;
  readonly #land: () => void;
  readonly #passengers = new Set<Passenger>();
  #leader: Passenger | null = null;
  #run: SharedRun | null = null;
  #head: { status: number; headers: RawHeaders } | null = null;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #ended = false;

  constructor(print: string, clock: Clock, begin: Begin, land: () => void) {
    this.print = print;
    this.#clock = clock;
    this.#begin = begin;
    this.#land = land;
  }

  board(call: Call, reply: Reply): Flow {
    const passenger: Passenger = { call, reply, read: 0, headSent: false, blocked: false };
    this.#passengers.add(passenger);
    if (this.#leader === null) this.#lead(passenger);
    else this.#serve(passenger);
    return { resume: () => this.#resume(passenger), abort: () => this.#leave(passenger) };
  }

  // Reply: what the engine writes to.

  head(status: number, headers: RawHeaders): void {
    this.#head = { status, headers };
    if (!this.#leaderFailedAlone()) this.#serveAll();
  }

  write(chunk: Uint8Array): boolean {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (!this.#leaderFailedAlone()) this.#serveAll();
    // Nobody is held up by the slowest reader, within the bounds of what one answer may take.
    return this.#bytes < answerBytesMax || ![...this.#passengers].every((passenger) => passenger.blocked);
  }

  end(): void {
    this.#ended = true;
    if (this.#leaderFailedAlone()) return this.#promote();
    this.#land();
    this.#serveAll();
  }

  destroy(error: Error): void {
    this.#land();
    for (const passenger of this.#passengers) passenger.reply.destroy(error);
    this.#passengers.clear();
  }

  #lead(passenger: Passenger): void {
    this.#leader = passenger;
    this.#run = this.#begin(passenger.call, this);
  }

  /** An error that only the leader's shorter patience explains, with others aboard who have more. */
  #leaderFailedAlone(): boolean {
    // An early head has been told to all: its error is everybody's.
    const isEarly = this.#head?.status === 200;
    return !isEarly && this.#run?.outOfPatience === true && this.#heir() !== null;
  }

  #heir(): Passenger | null {
    const now = this.#clock.now();
    const leaderDeadlineMs = this.#leader?.call.patience.deadlineAtMs ?? 0;
    for (const passenger of this.#passengers) {
      const { deadlineAtMs } = passenger.call.patience;
      if (passenger !== this.#leader && deadlineAtMs > leaderDeadlineMs && deadlineAtMs > now) return passenger;
    }
    return null;
  }

  #promote(): void {
    const heir = this.#heir() as Passenger;
    const leader = this.#leader as Passenger;
    if (this.#passengers.has(leader)) this.#serve(leader);
    this.#head = null;
    this.#chunks = [];
    this.#bytes = 0;
    this.#ended = false;
    this.#run = null;
    this.#lead(heir);
  }

  #serveAll(): void {
    for (const passenger of this.#passengers) this.#serve(passenger);
  }

  #serve(passenger: Passenger): void {
    if (this.#head === null) return;
    if (!passenger.headSent) {
      passenger.headSent = true;
      passenger.reply.head(this.#head.status, this.#head.headers);
    }
    while (passenger.read < this.#chunks.length && !passenger.blocked) {
      passenger.blocked = !passenger.reply.write(this.#chunks[passenger.read++] as Uint8Array);
    }
    if (!this.#ended || passenger.read < this.#chunks.length) return;
    this.#passengers.delete(passenger);
    passenger.reply.end();
  }

  #resume(passenger: Passenger): void {
    // Told everything already: what is read now is another's answer.
    if (!this.#passengers.has(passenger)) return;
    passenger.blocked = false;
    this.#serve(passenger);
    this.#run?.resume();
  }

  #leave(passenger: Passenger): void {
    if (!this.#passengers.delete(passenger) || this.#passengers.size > 0 || this.#ended) return;
    this.#land();
    this.#run?.abort();
  }
}
