import type { RawHeaders } from '../../../src/core/call.ts';
import type { Failure } from '../../../src/core/outcome.ts';
import type { Random } from '../../../src/core/random.ts';
import { corpus } from '../../../src/faults/corpus.ts';
import { classifyErrorEvent, classifyResponse } from '../../../src/wire/classify.ts';
import { type BrokenAnswer, classifyStream } from '../../../src/wire/classify-stream.ts';
import { classifyTransport } from '../../../src/wire/classify-transport.ts';
import { between, scaled } from './chance.ts';

/** What came of one attempt. */
export interface Answer {
  /** null: it was whole. */
  readonly failure: Failure | null;
  readonly status: number | null;
  readonly firstByteMs: number | null;
  readonly totalMs: number;
  /** True: part of it had reached the caller before it failed. */
  readonly released: boolean;
  /** False: nothing that came named a request id. */
  readonly named: boolean;
}

/** Makes an answer anew for each attempt. */
export type Answering = (random: Random, nowMs: number) => Answer;

/** A recorded error response, judged by our own classifier. @param id of the corpus */
export function recorded(id: string): Answering {
  const found = corpus().find((each) => each.id === id);
  if (found === undefined || found.http.status === null) throw new Error(`The corpus has no response "${id}".`);
  return response(found.http.status, Object.entries(found.http.headers).flat(), found.body ?? '');
}

/** An error response. */
export function response(status: number, headers: RawHeaders, body: string): Answering {
  const bytes = Buffer.from(body);
  return (random, nowMs) => {
    const failure = classifyResponse({ status, headers, body: bytes, endpoint: 'messages', nowMs });
    const firstByteMs = scaled(random, 40, 900);
    const named = failure.requestId !== null;
    return { failure, status, firstByteMs, totalMs: firstByteMs + between(random, 0, 5), released: false, named };
  };
}

/** An error of the API in its envelope. @param code `error.details.error_code` */
export function apiError(status: number, type: string, message: string, code: string | null = null): Answering {
  const details = code === null ? null : { error_code: code };
  const body = { type: 'error', error: { type, message, details }, request_id: 'req_011C' };
  return response(status, ['content-type', 'application/json', 'request-id', 'req_011C'], JSON.stringify(body));
}

/** No answer at all. @param afterMs when the attempt was given up */
export function unreached(code: string, message: string, afterMs: readonly [low: number, high: number]): Answering {
  const context = { bodyBytes: 2_000, bodyBytesMax: 32 * 2 ** 20, headers: null };
  return (random) => ({
    failure: classifyTransport({ code, message }, context),
    status: null,
    firstByteMs: null,
    totalMs: between(random, ...afterMs),
    released: false,
    named: false,
  });
}

/** A stream that begins well and then breaks. @param kind `reset` is a connection that was cut */
export function midStream(kind: BrokenAnswer | 'reset' | 'overloaded'): Answering {
  const headers = ['content-type', 'text/event-stream', 'request-id', 'req_011C'];
  return (random, nowMs) => {
    const firstByteMs = scaled(random, 400, 2_500);
    const totalMs = firstByteMs + (kind === 'stalled' ? 75_000 : between(random, 500, 9_000));
    const failure = broken(kind, headers, nowMs);
    return { failure, status: 200, firstByteMs, totalMs, released: true, named: true };
  };
}

function broken(kind: BrokenAnswer | 'reset' | 'overloaded', headers: RawHeaders, nowMs: number): Failure {
  if (kind === 'reset') {
    const cut = { code: 'UND_ERR_SOCKET', message: 'other side closed' };
    return classifyTransport(cut, { bodyBytes: 2_000, bodyBytesMax: 32 * 2 ** 20, headers });
  }
  if (kind !== 'overloaded') return classifyStream(kind, headers);
  const data = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
  return classifyErrorEvent(Buffer.from(JSON.stringify(data)), headers, nowMs);
}

/** First bytes that are usual for a family of models, in milliseconds. */
const usualFirstByteMs: readonly [family: string, ms: number][] = [
  ['haiku', 450],
  ['sonnet', 900],
  ['opus', 1_500],
];

/** A whole answer. @param slower by how much its first byte is later than usual */
export function whole200(model: string, random: Random, slower = 1): Answer {
  const usual = usualFirstByteMs.find(([family]) => model.includes(family))?.[1] ?? 1_200;
  const firstByteMs = usual * slower * scaled(random, 0.6, 1.9);
  const totalMs = firstByteMs + scaled(random, 600, 20_000);
  return { failure: null, status: 200, firstByteMs, totalMs, released: false, named: true };
}
