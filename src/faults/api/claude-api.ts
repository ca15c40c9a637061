import type { Clock } from '../../core/clock.ts';
import { bodyBytesMax } from '../../core/limits.ts';
import type { Random } from '../../core/random.ts';
import { expectedAnswer } from './answer.ts';
import { type Answer, type ApiRequest, jsonAnswer, refusalAnswer } from './answering.ts';
import { Batches, type BatchTimes } from './batches.ts';
import { mannerOf } from './continuation.ts';
import { type Frame, frames } from './events.ts';
import { Files } from './files.ts';
import { inputTokens, promptRandom } from './full-answer.ts';
import type { MessagesRequest } from './message.ts';
import { findModel, modelInfo, models } from './models.ts';
import { RateLimiter, type RateLimits } from './rate-limit.ts';
import { invalidRequest, type Refusal, refusalOf } from './refusals.ts';
import { readResumed } from './resumed.ts';
import { noScript, type Script } from './script.ts';
import { pageOf } from './shelf.ts';
import { Threads } from './threads.ts';

/** A rendered answer is kept for the next equal request: load tests ask the same thing over and over. */
interface Rendered {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly body: string;
  readonly frames: readonly Frame[] | null;
}
const renderedMax = 256;
const renderedBodyBytesMax = 64 * 1024;

const unauthenticated: Refusal = { status: 401, type: 'authentication_error', message: 'x-api-key header is required' };
const tooLarge: Refusal = { status: 413, type: 'request_too_large', message: 'Request exceeds the maximum size' };
const notFound: Refusal = { status: 404, type: 'not_found_error', message: 'Not found' };

/** Bytes of request body that the API takes at `path`. */
export function bodyLimit(path: string): number {
  if (path.startsWith('/v1/messages/batches')) return bodyBytesMax.batches;
  return path.startsWith('/v1/files') ? bodyBytesMax.files : bodyBytesMax.messages;
}

/** The Claude API in its good moments. It also refuses what the real one refuses. */
export class ClaudeApi {
  readonly #clock: Clock;
  #limiter: RateLimiter;
  readonly #batches: Batches;
  readonly #files: Files;
  readonly #threads: Threads;
  readonly #rendered = new Map<string, Rendered>();

  #script: Script = noScript;

  constructor(clock: Clock, random: Random, limits: RateLimits) {
    this.#clock = clock;
    this.#limiter = new RateLimiter(clock, limits);
    this.#batches = new Batches(clock, random);
    this.#files = new Files(clock, random);
    this.#threads = new Threads(clock);
  }

  /** From now on these limits hold; every bucket is full. */
  limit(limits: RateLimits): void {
    this.#limiter = new RateLimiter(this.#clock, limits);
  }

  /** The batches to come take these times. */
  pace(times: BatchTimes): void {
    this.#batches.times = times;
  }

  /** From now on it says what it is told. */
  follow(script: Script): void {
    this.#script = script;
    this.#rendered.clear();
  }

  /** The exchange of this request is over. */
  ended(requestId: string): void {
    this.#threads.ended(requestId);
  }

  /** @param tooLong true when the body was over the limit, and was not kept */
  answer(request: ApiRequest, requestId: string, tooLong: boolean): Answer | Promise<Answer> {
    const { method } = request;
    const [path = '', search] = request.path.split('?', 2);
    if (path === '/api/hello') return jsonAnswer({ message: 'hello' });
    if (tooLong) return refusalAnswer(tooLarge, requestId);
    const credential = credentialOf(request);
    if (credential === '') return refusalAnswer(unauthenticated, requestId);
    if (method === 'POST' && path === '/v1/messages') return this.#messages(request, credential, requestId);
    if (method === 'POST' && path === '/v1/messages/count_tokens') return countTokens(request, requestId);
    const query = new URLSearchParams(search);
    const segments = path.split('/').slice(2);
    if (path.startsWith('/v1/messages/batches')) {
      return this.#batches.answer(request, segments.slice(2), query, requestId);
    }
    if (path.startsWith('/v1/files')) return this.#files.answer(request, segments.slice(1), query, requestId);
    if (path.startsWith('/v1/models')) return modelsAnswer(segments[1], query, requestId);
    return refusalAnswer(notFound, requestId);
  }

  #messages(request: ApiRequest, credential: string, requestId: string): Answer {
    const read = this.#threads.read(request);
    if ('refusal' in read) return refusalAnswer(read.refusal, requestId);
    const body = read.whole;
    const rendered = this.#rendered.get(request.bodySha256) ?? this.#render(request, body);
    if ('status' in rendered) return refusalAnswer(rendered, requestId);
    const verdict = this.#limiter.ask(`${credential} ${request.model}`, rendered.inputTokens);
    if (verdict.refused !== null) {
      const { limit, waitSeconds } = verdict.refused;
      const message = `This request would exceed your organization's rate limit of ${limit} for ${request.model}. Please try again later.`;
      const headers = ['retry-after', String(waitSeconds), ...verdict.headers];
      return refusalAnswer({ status: 429, type: 'rate_limit_error', message }, requestId, headers);
    }
    verdict.spend(rendered.outputTokens);
    if (body !== null && body !== request.json) {
      this.#threads.answers(request, requestId, body, expectedAnswer(body, this.#script));
    }
    const contentType = rendered.frames === null ? 'application/json' : 'text/event-stream; charset=utf-8';
    return { status: 200, contentType, headers: verdict.headers, body: rendered.body, frames: rendered.frames };
  }

  #render(request: ApiRequest, body: MessagesRequest | null): Rendered | Refusal {
    if (body === null) return notJson;
    const refusal = refusalOf(body, false);
    if (refusal !== null) return refusal;
    const manner = readResumed(body) === null ? null : mannerOf(body, this.#script);
    if (manner === 'error-400') return notContinued;
    const message = expectedAnswer(body, this.#script);
    const whole = request.stream ? frames(message) : [JSON.stringify(message)];
    const parts = manner === 'breaking' ? brokenOff(whole, promptRandom(body)) : whole;
    const rendered: Rendered = {
      inputTokens: message.usage.input_tokens,
      outputTokens: message.usage.output_tokens,
      body: request.stream ? '' : parts.join(''),
      frames: request.stream ? parts : null,
    };
    // What a thread goes on with depends on more than its request.
    const isAlone = body === request.json && request.body.length <= renderedBodyBytesMax;
    if (isAlone) this.#keep(request.bodySha256, rendered);
    return rendered;
  }

  #keep(key: string, rendered: Rendered): void {
    this.#rendered.set(key, rendered);
    const oldest = this.#rendered.keys().next().value;
    if (this.#rendered.size > renderedMax && oldest !== undefined) this.#rendered.delete(oldest);
  }
}

const notJson = invalidRequest('The request body is not valid JSON: expected an object');

const notContinued = invalidRequest('messages: this conversation cannot be continued');

/** The beginning of a body, somewhere after its first content. */
function brokenOff(whole: readonly Frame[], random: Random): Frame[] {
  const first = whole.findIndex((frame) => frame.startsWith('event: content_block_delta')) + 1;
  const least = whole.slice(0, first).join('').length;
  const text = whole.join('');
  return [text.slice(0, least + Math.floor(random.next() * (text.length - least) * 0.9))];
}

/** Both ways of showing a key; empty when there is none. */
function credentialOf(request: ApiRequest): string {
  return String(
    request.headers['x-api-key'] ?? request.headers.authorization?.toString().replace(/^Bearer\s*/i, '') ?? '',
  );
}

function countTokens(request: ApiRequest, requestId: string): Answer {
  const body: MessagesRequest | null = request.json;
  const refusal = body === null ? notJson : refusalOf(body, true);
  return body === null || refusal !== null
    ? refusalAnswer(refusal ?? notJson, requestId)
    : jsonAnswer({ input_tokens: inputTokens(body) });
}

function modelsAnswer(id: string | undefined, query: URLSearchParams, requestId: string): Answer {
  if (id === undefined)
    return jsonAnswer(
      pageOf(
        models.map((model) => [model.id, modelInfo(model)]),
        query,
      ),
    );
  const model = findModel(id);
  if (model !== undefined) return jsonAnswer(modelInfo(model));
  return refusalAnswer({ status: 404, type: 'not_found_error', message: `model: ${id}` }, requestId);
}
