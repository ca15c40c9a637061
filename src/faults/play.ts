import type { RawHeaders } from '../core/call.ts';
import type { Random } from '../core/random.ts';
import { type Answer, errorBody } from './api/answering.ts';
import type { Exchange } from './fault.ts';

/** Between the last byte and a reset: long enough for the client to have read what was sent. */
const beforeResetMs = 10;

/** The API's error envelope under any status. */
export function sendError(
  exchange: Exchange,
  status: number,
  error: { readonly type: string; readonly message: string },
  headers: RawHeaders = [],
): void {
  const body = errorBody(error.type, error.message, exchange.requestId);
  exchange.send(status, [...exchange.apiHeaders('application/json'), ...headers], body);
}

/** What an overload says, wherever it is said. */
export const overload = { type: 'overloaded_error', message: 'Overloaded' } as const;

/** Headers of a 200 of the kind that was asked for, stream or JSON. */
export function promisingHeaders(exchange: Exchange): RawHeaders {
  return exchange.apiHeaders(exchange.request.stream ? 'text/event-stream; charset=utf-8' : 'application/json');
}

/** Headers of an answer, without its length. */
export function answerHeaders(exchange: Exchange, answer: Answer): RawHeaders {
  const stream = answer.frames === null ? [] : ['cache-control', 'no-cache'];
  return [...exchange.apiHeaders(answer.contentType), ...stream, ...answer.headers];
}

/** An answer as it is, at the pace of the scenario. */
export async function sendAnswer(exchange: Exchange, answer: Answer): Promise<void> {
  if (answer.frames === null) return exchange.send(answer.status, answerHeaders(exchange, answer), answer.body);
  exchange.head(answer.status, answerHeaders(exchange, answer));
  if (await exchange.pace(answer.frames)) exchange.end();
}

/** Resets, after what was sent has had time to arrive. */
export async function resetAfterSending(exchange: Exchange): Promise<void> {
  await exchange.wait(beforeResetMs);
  exchange.reset();
}

/** Silence on an open connection. Who waits it out meets a reset. */
export async function stall(exchange: Exchange): Promise<void> {
  if (await exchange.wait(exchange.waits.stallMs)) exchange.reset();
}

/** The waits that `retry-after` names: whole seconds as the API has it, and exact where a scenario shortened them. */
export function retryAfterHeaders(seconds: number): RawHeaders {
  const whole = ['retry-after', String(Math.ceil(seconds))];
  return Number.isInteger(seconds) ? whole : [...whole, 'retry-after-ms', String(Math.ceil(seconds * 1000))];
}

/** Kinds of deltas, as they stand in a frame. */
const deltaTypes = { text: 'text_delta', thinking: 'thinking_delta', tool: 'input_json_delta' } as const;

/**
 * The beginning of a stream up to and with one of its deltas, drawn by `random`: of the kind named,
 * or of any kind where the answer has none of it.
 */
export function framesUntil(frames: readonly string[], kind: keyof typeof deltaTypes, random: Random): string[] {
  const positions = (type: string) => [...frames.keys()].filter((index) => frames[index]?.includes(`"type":"${type}"`));
  const wanted = positions(deltaTypes[kind]);
  const choices = wanted.length > 0 ? wanted : positions('content_block_delta');
  const last = choices[Math.floor(random.next() * choices.length)] ?? 0;
  return frames.slice(0, last + 1);
}

/** A stream cut at any byte between its first delta and its end, in the middle of a character too. */
export function bytesUntil(frames: readonly string[], random: Random): Uint8Array {
  const first = frames.findIndex((frame) => frame.startsWith('event: content_block_delta')) + 1;
  const least = Buffer.byteLength(frames.slice(0, first).join(''));
  const end = frames.findIndex((frame) => frame.startsWith('event: message_delta'));
  const whole = Buffer.from(frames.slice(0, end).join(''));
  return whole.subarray(0, least + Math.floor(random.next() * (whole.length - least)));
}

/** The first `length` bytes of a stream, event by event; the last may be a torn one. */
export function framesWithin(frames: readonly string[], length: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let left = length;
  for (const frame of frames) {
    if (left <= 0) break;
    const part = Buffer.from(frame).subarray(0, left);
    parts.push(part);
    left -= part.length;
  }
  return parts;
}

/** A body cut somewhere in its second half. */
export function bodyUntil(body: string | Uint8Array, random: Random): Uint8Array {
  const whole = Buffer.from(body);
  return whole.subarray(0, Math.floor(whole.length * (0.5 + random.next() * 0.45)));
}

/**
 * Sends the first part of the healthy answer, at the pace of the scenario, then hands over. What the
 * API refuses is refused as ever: there is nothing to cut.
 * @param cut what of a stream goes out
 * @param then what follows; `streaming` says whether it was a stream
 * @param cutBody what of a JSON body goes out; default some of it
 */
export async function sendPart(
  exchange: Exchange,
  random: Random,
  cut: (frames: readonly string[]) => readonly (string | Uint8Array)[],
  then: (streaming: boolean) => void | Promise<void>,
  cutBody = (body: string | Uint8Array) => bodyUntil(body, random),
): Promise<void> {
  const answer = await exchange.answer();
  if (answer.status !== 200) return sendAnswer(exchange, answer);
  exchange.head(200, answerHeaders(exchange, answer));
  if (answer.frames === null) await exchange.write(cutBody(answer.body));
  else if (!(await exchange.pace(cut(answer.frames)))) return;
  await then(answer.frames !== null);
}
