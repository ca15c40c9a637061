import type { RawHeaders } from '../core/call.ts';
import type { Tokens } from '../core/events.ts';
import { answerBytesMax } from '../core/limits.ts';
import type { Failure } from '../core/outcome.ts';
import type { TransportError } from '../core/transport.ts';
import { classifyErrorEvent } from '../wire/classify.ts';
import { classifyStream } from '../wire/classify-stream.ts';
import { asEventStream, isCoded } from '../wire/headers.ts';
import { parseJson, textOf, withoutBom } from '../wire/json.ts';
import { scanMembers, valueAt } from '../wire/json-scan.ts';
import { withoutThinking } from '../wire/strip-thinking.ts';
import { answerAsEvents } from '../wire/synthesize.ts';
import { tokensOf } from '../wire/usage.ts';
import { brokenConnection, type Receiver, type ReceiverContext, responseFailure } from './receiver.ts';

const judgedMembers: ReadonlySet<string> = new Set(['type', 'error', 'usage']);

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
    const [first] = this.#chunks;
    const body = withoutBom(this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks));
    const failure = this.#failureOf(body);
    if (failure !== null) this.#context.verdict.broke(failure);
    else if (this.#context.call.facts?.stream) this.#tellAsEvents(body);
    else this.#tellWhole(body);
  }

  failed(error: TransportError): void {
    this.#context.verdict.broke(brokenConnection(error, this.#headers, this.#context));
  }

  silent(): void {
    this.#context.verdict.broke(classifyStream('stalled', this.#headers));
  }

  /** Why this is no whole answer; null where it is one. */
  #failureOf(body: Uint8Array): Failure | null {
    const { call, clock } = this.#context;
    // What only passes stays compressed: that it has come to its end must do.
    if (call.facts === null && isCoded(this.#headers)) return null;
    const members = this.#membersOf(body);
    if (members === null) return this.#noAnswer(body);
    const usage = members.get('usage');
    if (usage !== undefined) this.#usage = body.subarray(usage.start, usage.end);
    const type = valueAt(body, members.get('type'));
    const error = call.facts === null ? null : (valueAt(body, members.get('error')) ?? null);
    const isError = type === 'error' || error !== null;
    if (isError) return classifyErrorEvent(body, this.#headers, clock.now(), call.endpoint.name);
    return call.endpoint.name === 'messages' && type !== 'message' ? this.#noAnswer(body) : null;
  }

  /** @returns null for what is no answer: of Messages every one is an object, of others none need be */
  #membersOf(body: Uint8Array): ReturnType<typeof scanMembers> {
    const members = scanMembers(body, judgedMembers);
    if (this.#context.call.facts === null) {
      return members ?? (parseJson(textOf(body)) === undefined ? null : new Map());
    }
    return hasControlCharacters(body) && parseJson(textOf(body)) === undefined ? null : members;
  }

  #noAnswer(body: Uint8Array): Failure {
    return responseFailure(this.#status, this.#headers, body, this.#context);
  }

  /** Nothing in one piece is continued: there is a splicer only to leave out the thinking. */
  #tellWhole(body: Uint8Array): void {
    const { verdict, splicer } = this.#context;
    const answer = splicer === null ? body : withoutThinking(body);
    verdict.good();
    this.#deliver(withLength(this.#headers, answer), answer);
  }

  /** What continues a stream that broke is joined to it, in whatever form it comes. */
  #tellAsEvents(body: Uint8Array): void {
    const { verdict, splicer } = this.#context;
    const events = answerAsEvents(body);
    if (events === null) return verdict.broke(this.#noAnswer(body));
    verdict.good();
    const joined = splicer === null ? events : splicer.feed(events);
    if (splicer?.failure) return verdict.broke(classifyStream('protocol', this.#headers, splicer.failure));
    this.#deliver(asEventStream(this.#headers), joined);
  }

  #deliver(headers: RawHeaders, answer: Uint8Array): void {
    const { delivery, verdict } = this.#context;
    delivery.head(this.#status, headers);
    delivery.write(answer);
    delivery.end();
    verdict.whole();
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
