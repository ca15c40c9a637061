import type { RawHeaders } from '../core/call.ts';
import type { Tokens } from '../core/events.ts';
import { answerBytesMax, errorBodyBytesMax } from '../core/limits.ts';
import type { Failure } from '../core/outcome.ts';
import type { TransportError } from '../core/transport.ts';
import { classifyErrorEvent, classifyResponse } from '../wire/classify.ts';
import { classifyStream } from '../wire/classify-stream.ts';
import { withoutHeaders } from '../wire/headers.ts';
import { parseJson, textOf } from '../wire/json.ts';
import { scanMembers, valueAt } from '../wire/json-scan.ts';
import { withoutThinking } from '../wire/strip-thinking.ts';
import { answerAsEvents } from '../wire/synthesize.ts';
import { tokensOf } from '../wire/usage.ts';
import { brokenConnection, type Receiver, type ReceiverContext } from './receiver.ts';

const judgedMembers: ReadonlySet<string> = new Set(['type', 'error', 'usage']);
const bodyHeaders = new Set(['content-type', 'content-length']);

/**
 * Holds an answer in one piece until it is known to be whole; never parses it, only scans it. To a
 * caller who asked for a stream it is told as events.
 */
export class WholeReceiver implements Receiver {
  readonly #status: number;
  readonly #headers: RawHeaders;
  readonly #context: ReceiverContext;
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;
  /** The `usage` member, unparsed. */
  #usage: Uint8Array | null = null;

  constructor(status: number, headers: RawHeaders, context: ReceiverContext) {
    this.#status = status;
    this.#headers = headers;
    this.#context = context;
  }

  get tokens(): Tokens | null {
    return this.#usage === null ? null : tokensOf(parseJson(textOf(this.#usage)));
  }

  data(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > answerBytesMax)
      this.#context.verdict.broke(classifyStream('protocol', this.#headers, 'the answer is over 64 MiB'));
  }

  end(): void {
    const body = this.#chunks.length === 1 ? (this.#chunks[0] as Uint8Array) : Buffer.concat(this.#chunks);
    const { call, delivery, verdict, clock, splicer } = this.#context;
    const members = this.#membersOf(body);
    if (
      members === null ||
      (call.facts !== null && hasControlCharacters(body) && parseJson(textOf(body)) === undefined)
    ) {
      return verdict.broke(judge(this.#status, this.#headers, body, this.#context));
    }
    const usage = members.get('usage');
    if (usage !== undefined) this.#usage = body.subarray(usage.start, usage.end);
    const type = valueAt(body, members.get('type'));
    const errs = type === 'error' || (call.facts !== null && members.has('error'));
    if (errs) return verdict.broke(classifyErrorEvent(body, this.#headers, clock.now(), call.endpoint.name));
    if (call.endpoint.name === 'messages' && type !== 'message') {
      return verdict.broke(judge(this.#status, this.#headers, body, this.#context));
    }
    // In one piece nothing is continued: there is a splicer only to leave out the thinking.
    const piece = splicer === null ? body : withoutThinking(body);
    const told = call.facts?.stream ? answerAsEvents(body) : piece;
    if (told === null) return verdict.broke(judge(this.#status, this.#headers, body, this.#context));
    verdict.good();
    // What continues a broken stream is joined to it, in whatever form it comes.
    const joined = splicer === null || told === piece ? told : splicer.feed(told);
    if (splicer?.failure) return verdict.broke(classifyStream('protocol', this.#headers, splicer.failure));
    delivery.head(this.#status, told === piece ? withLength(this.#headers, piece) : asEventStream(this.#headers));
    delivery.write(joined);
    delivery.end();
    verdict.whole();
  }

  failed(error: TransportError): void {
    this.#context.verdict.broke(brokenConnection(error, this.#headers, this.#context));
  }

  silent(): void {
    this.#context.verdict.broke(classifyStream('stalled', this.#headers));
  }

  /** @returns null for what is no answer: of Messages every one is an object, of others none need be */
  #membersOf(body: Uint8Array): ReturnType<typeof scanMembers> {
    const members = scanMembers(body, judgedMembers);
    const isOther = members === null && this.#context.call.facts === null && parseJson(textOf(body)) !== undefined;
    return isOther ? new Map() : members;
  }
}

/** Reads the body of an answer that is an error by its status or its kind, then classifies it. */
export class ErrorReceiver implements Receiver {
  readonly #status: number;
  readonly #headers: RawHeaders;
  readonly #context: ReceiverContext;
  readonly #chunks: Uint8Array[] = [];
  readonly tokens = null;
  #bytes = 0;
  #done = false;

  constructor(status: number, headers: RawHeaders, context: ReceiverContext) {
    this.#status = status;
    this.#headers = headers;
    this.#context = context;
  }

  data(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > errorBodyBytesMax) this.end();
  }

  end(): void {
    if (this.#done) return;
    this.#done = true;
    const body = Buffer.concat(this.#chunks);
    this.#context.verdict.broke(judge(this.#status, this.#headers, body, this.#context));
  }

  /** The status says enough, whatever became of the body. */
  failed(): void {
    this.end();
  }

  silent(): void {
    this.end();
  }
}

/** The API's answers are compact: a raw control character in one is a string that no client could read. */
function hasControlCharacters(body: Uint8Array): boolean {
  for (let at = 0; at < body.length; at++) if ((body[at] as number) < 0x20) return true;
  return false;
}

/** The length is another one where thinking was left out. */
function withLength(headers: RawHeaders, { length }: Uint8Array): RawHeaders {
  const at = headers.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === 'content-length');
  return at < 0 ? headers : headers.with(at + 1, String(length));
}

function asEventStream(headers: RawHeaders): RawHeaders {
  return [...withoutHeaders(headers, bodyHeaders), 'content-type', 'text/event-stream; charset=utf-8'];
}

function judge(status: number, headers: RawHeaders, body: Uint8Array, { call, clock }: ReceiverContext): Failure {
  return classifyResponse({ status, headers, body, endpoint: call.endpoint.name, nowMs: clock.now() });
}
