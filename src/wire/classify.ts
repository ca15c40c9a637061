import type { Endpoint, RawHeaders } from '../core/call.ts';
import type { Failure } from '../core/outcome.ts';
import { classifyStream } from './classify-stream.ts';
import { edgeMessage, isHtml, titleOf } from './edge-text.ts';
import { type ErrorBody, readErrorBody, requestIdOf } from './error-body.ts';
import { isEventStream } from './headers.ts';
import { bufferOf, textOf, withoutBom } from './json.ts';
import { type Judgement, judge } from './judge.ts';
import { quotable } from './redact.ts';
import { readEvent } from './sse.ts';

/** A response that is no answer. */
export interface FailedResponse {
  readonly status: number;
  readonly headers: RawHeaders;
  /** Decoded, and capped at `errorBodyBytesMax`. */
  readonly body: Uint8Array;
  /** What was asked: a 404 of the Messages API means its model. */
  readonly endpoint: Endpoint['name'];
  /** `Clock.now()`. */
  readonly nowMs: number;
}

/**
 * Judges a response whose status is not 2xx, or whose 2xx body is an error, HTML, empty or no answer
 * at all. Never throws, whatever the bytes are.
 */
export function classifyResponse(response: FailedResponse): Failure {
  const { status, headers, endpoint, nowMs } = response;
  const body = withoutEvent(response);
  const read = readErrorBody(body);
  if (status < 300) {
    if (read.isError) return classifyErrorEvent(body, headers, nowMs, endpoint);
    return classifyNonAnswer(headers, body, read);
  }
  const text = read.json === null ? textOf(body) : '';
  const message = read.message === null ? edgeMessage(status, headers, text) : quotable(read.message);
  // A line of text may be an error without its envelope; a page may quote anything.
  const told = read.message ?? (isHtml(headers, text) ? null : text);
  const judged = judge({ body: { ...read, message: told }, headers, status, endpoint, nowMs });
  return failureOf({ ...judged, status }, message, headers, read, body);
}

/**
 * Judges an error inside a 200: the data of an `error` event, or a JSON error body. Never throws.
 * @param bytes the event's data, or the body
 * @param nowMs `Clock.now()`
 * @param endpoint what was asked
 */
export function classifyErrorEvent(
  bytes: Uint8Array,
  headers: RawHeaders,
  nowMs: number,
  endpoint: Endpoint['name'] = 'messages',
): Failure {
  const read = readErrorBody(bytes);
  const text = read.json === null ? textOf(bytes) : '';
  const told = read.message ?? (isHtml([], text) ? '' : text);
  const judged = judge({ body: { ...read, message: told }, headers, status: null, endpoint, nowMs });
  const message = quotable(told);
  return failureOf(
    judged,
    message === '' ? 'The upstream sent an error without a message.' : message,
    headers,
    read,
    bytes,
  );
}

/** The body, or the data of the one event that some relays tell an error in, whatever its status. */
function withoutEvent({ headers, body }: FailedResponse): Uint8Array {
  if (!isEventStream(headers)) return body;
  const { data } = readEvent(bufferOf(body), 0, body.length);
  return data.length > 0 ? data : body;
}

/** A 2xx that is neither an answer nor an error. */
function classifyNonAnswer(headers: RawHeaders, body: Uint8Array, read: ErrorBody): Failure {
  if (read.json !== null) return classifyStream('not-claude', headers, 'a JSON object of another kind');
  const text = textOf(body);
  if (text.trim() === '') return classifyStream('empty', headers);
  if (text.trimStart().startsWith('{')) return classifyStream('truncated', headers);
  if (!isHtml(headers, text)) return classifyStream('not-claude', headers, 'text that is not JSON');
  const title = titleOf(text);
  return classifyStream('not-claude', headers, title === '' ? 'a web page' : `the web page "${title}"`);
}

function failureOf(
  judged: Judgement,
  message: string,
  headers: RawHeaders,
  read: ErrorBody,
  bytes: Uint8Array,
): Failure {
  return {
    ...judged,
    code: read.code,
    message,
    requestId: requestIdOf(headers, read),
    headers,
    body: read.json === null ? null : withoutBom(bytes),
  };
}
