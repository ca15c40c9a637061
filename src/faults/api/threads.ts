import type { Clock } from '../../core/clock.ts';
import type { ApiRequest } from './answering.ts';
import { isObject, type JsonObject, type Message, type MessagesRequest, objectsIn, textOf } from './message.ts';
import { invalidRequest, type Refusal } from './refusals.ts';

const beta = 'message-threads-2026-08-12';
/** A thread is forgotten so long after its last request. */
const keptMs = 300_000;

/** A conversation that the API keeps, under the id of its last answer. */
interface Held {
  readonly system: MessagesRequest['system'];
  readonly tools: MessagesRequest['tools'];
  readonly messages: JsonObject[];
  expiresAtMs: number;
  /** Id of the request that is being answered from here; null where none is. */
  inFlight: string | null;
  continued: boolean;
}

const notFound: Refusal = {
  status: 404,
  type: 'not_found_error',
  message: 'thread: no conversation is held under this previous_message_id',
  code: 'thread_not_found',
};
const coded = (code: string, message: string): Refusal => ({ ...invalidRequest(message), code });
const alreadyContinued = coded('thread_already_continued', 'thread: this message was continued already');
const inFlight = coded('thread_continue_in_flight', 'thread: this message is being continued by another request');

/**
 * Conversations of the beta `message-threads-2026-08-12`: `create` keeps one under the id of its answer,
 * `continue` goes on from there with the new messages only, and once.
 */
export class Threads {
  readonly #clock: Clock;
  readonly #held = new Map<string, Held>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * The request as if the whole conversation had been sent.
   * @returns the very request where it has no thread
   */
  read(request: ApiRequest): { readonly whole: MessagesRequest | null } | { readonly refusal: Refusal } {
    const body = request.json;
    if (body === null || !isObject(body.thread)) return { whole: body };
    if (!String(request.headers['anthropic-beta']).includes(beta)) {
      return { refusal: invalidRequest('thread: Extra inputs are not permitted') };
    }
    const { thread, ...rest } = body;
    if (thread.type === 'create') return { whole: rest };
    const held = this.#find(textOf(thread.previous_message_id));
    if (held === null) return { refusal: notFound };
    if (held.inFlight !== null) return { refusal: inFlight };
    if (held.continued) return { refusal: alreadyContinued };
    const { system, tools, messages } = held;
    const whole: MessagesRequest = { ...rest, messages: [...messages, ...objectsIn(rest.messages)] };
    if (system !== undefined) whole.system = system;
    if (tools !== undefined) whole.tools = tools;
    return { whole };
  }

  /** The API answers this request, and keeps what it answers. */
  answers(request: ApiRequest, requestId: string, whole: MessagesRequest, answer: Message): void {
    const thread = request.json?.thread;
    if (!isObject(thread)) return;
    const from = this.#held.get(textOf(thread.previous_message_id));
    if (from !== undefined) from.inFlight = requestId;
    const reply: JsonObject = { role: 'assistant', content: answer.content as JsonObject[] };
    this.#held.set(answer.id, {
      system: whole.system,
      tools: whole.tools,
      messages: [...objectsIn(whole.messages), reply],
      expiresAtMs: this.#clock.now() + keptMs,
      inFlight: null,
      continued: false,
    });
  }

  /** The exchange is over, whatever the client has got of it. */
  ended(requestId: string): void {
    for (const held of this.#held.values()) {
      if (held.inFlight !== requestId) continue;
      held.inFlight = null;
      held.continued = true;
    }
  }

  #find(id: string): Held | null {
    for (const [key, held] of this.#held) if (held.expiresAtMs <= this.#clock.now()) this.#held.delete(key);
    const held = this.#held.get(id) ?? null;
    if (held !== null) held.expiresAtMs = this.#clock.now() + keptMs;
    return held;
  }
}
