import type { Call } from '../../src/core/call.ts';
import type { AttemptEvent } from '../../src/core/events.ts';
import { defaultLimits } from '../../src/core/limits.ts';
import { type Random, seededRandom } from '../../src/core/random.ts';
import type { UpstreamRequest } from '../../src/core/transport.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { makeCall } from '../../src/engine/intake.ts';
import { type Answer, errorBody } from '../../src/faults/api/answering.ts';
import { ClaudeApi } from '../../src/faults/api/claude-api.ts';
import { errorFrame } from '../../src/faults/api/events.ts';
import type { Script } from '../../src/faults/index.ts';
import { toApiRequest } from '../../src/faults/read-request.ts';
import { calm } from '../../src/faults/scenario.ts';
import { CollectReply } from '../../src/testing/collect-reply.ts';
import { memoryTransport, type Respond } from '../../src/testing/memory-transport.ts';
import { VirtualClock } from '../../src/testing/virtual-clock.ts';
import { headerOf } from '../../src/wire/headers.ts';

/** Where and how an attempt breaks. */
export interface Cut {
  readonly how: 'reset' | 'clean' | 'stall' | 'overloaded_error' | 'api_error';
  /** Bytes of its stream that arrive before; an error event comes after the last whole event among them. */
  readonly atByte: number;
}

export interface Play {
  readonly request: object;
  readonly script: Script;
  /** The cut of attempt N, counted from 0, or null for none; `bytes` is the length of its stream. */
  readonly cutOf: (attempt: number, bytes: number) => Cut | null;
  /** Model → fallback models. Default none. */
  readonly fallback?: ReadonlyMap<string, readonly string[]>;
  /** Answers an attempt in the API's place, after its head; returns false to leave it to the API. */
  readonly instead?: (attempt: number, bytes: Buffer, respond: Respond) => boolean;
  /** Chunks as they come from the network: drawn sizes with it, whole answers without. */
  readonly chunks?: Random;
  readonly headers?: readonly string[];
  /** Status of an attempt, counted from 0, that is not answered: 400, 529; or null. Default: all are. */
  readonly refuses?: (attempt: number, model: string | null) => keyof typeof refusals | null;
}

/** What a caller saw of one call, and what it took. */
export interface Seen {
  readonly status: number | null;
  readonly state: CollectReply['state'];
  readonly body: Uint8Array;
  /** What reached the upstream, in order. */
  readonly requests: readonly UpstreamRequest[];
  readonly attempts: readonly AttemptEvent[];
  /** Timers and exchanges that were left behind. */
  readonly left: number;
}

const upstream = { name: 'default', origin: 'http://upstream', basePath: '', credential: null, models: new Map() };
const caller = { credential: null, token: null };
const seed = 1;
const refusals = {
  400: errorBody('invalid_request_error', 'This form is not taken here.', 'req_1'),
  529: errorBody('overloaded_error', 'Overloaded', 'req_1'),
};

/** Sends one streaming call through an engine in memory and in virtual time, before the simulator's API. */
export async function play({
  request,
  script,
  cutOf,
  fallback,
  chunks,
  headers = [],
  refuses,
  instead,
}: Play): Promise<Seen> {
  const clock = new VirtualClock();
  const random = seededRandom(seed);
  const api = new ClaudeApi(clock, random, calm.rateLimits);
  api.follow(script);
  const requests: UpstreamRequest[] = [];
  const attempts: AttemptEvent[] = [];
  const transport = memoryTransport({
    clock,
    upstream(sent, respond) {
      const attempt = requests.push(sent) - 1;
      const read = readRequest(sent);
      const status = refuses?.(attempt, read.model) ?? null;
      if (status !== null) return respond.answer(status, ['content-type', 'application/json'], refusals[status]);
      const answer = api.answer(read, 'req_1', false) as Answer;
      const bytes = Buffer.from(answer.frames?.join('') ?? answer.body);
      respond.head(answer.status, ['content-type', answer.contentType]);
      if (instead?.(attempt, bytes, respond)) return;
      send(bytes, answer.frames === null ? null : cutOf(attempt, bytes.length), respond, chunks);
    },
  });
  const observer = { attempt: (event: AttemptEvent) => void attempts.push(event) };
  const engine = createEngine({
    transport,
    primary: upstream,
    fallback: fallback ?? new Map(),
    clock,
    random,
    observer,
  });
  const body = Buffer.from(JSON.stringify({ ...request, stream: true }));
  const deps = { clock, random, limits: defaultLimits };
  const call = makeCall({ method: 'POST', path: '/v1/messages', headers: [...headers] }, body, caller, deps) as Call;
  const reply = new CollectReply();
  engine.handle(call, reply);
  await clock.runUntil(() => reply.state === 'ended' || reply.state === 'destroyed');
  // After its end an answer may keep a connection for a moment, nothing more.
  await clock.advance(60_000);
  const left = clock.pendingTimers + transport.open + engine.gauges.running;
  return { status: reply.status, state: reply.state, body: Buffer.concat(reply.chunks), requests, attempts, left };
}

function readRequest({ method, path, headers, body }: UpstreamRequest) {
  const beta = headerOf(headers, 'anthropic-beta') ?? '';
  return toApiRequest(
    { method, url: path, headers: { 'x-api-key': 'any', 'anthropic-beta': beta } },
    body as Uint8Array,
  );
}

function bytesBefore({ how, atByte }: Cut, bytes: Buffer): Buffer {
  const before = bytes.subarray(0, atByte);
  return how.endsWith('_error')
    ? before.subarray(0, before.lastIndexOf('\n\n') + 2 * Number(before.includes('\n\n')))
    : before;
}

function send(bytes: Buffer, cut: Cut | null, respond: Respond, chunks?: Random): void {
  const sent = cut === null ? bytes : bytesBefore(cut, bytes);
  for (let at = 0; at < sent.length; ) {
    const size = chunks === undefined ? sent.length : 1 + Math.floor(chunks.next() ** 3 * 400);
    respond.data(sent.subarray(at, at + size));
    at += size;
  }
  switch (cut?.how) {
    case 'stall':
      return;
    case 'reset':
      return respond.fail('ECONNRESET');
    case 'overloaded_error':
    case 'api_error':
      respond.data(errorFrame(cut.how, 'It broke.', 'req_1'));
      return respond.end();
    default:
      return respond.end();
  }
}
