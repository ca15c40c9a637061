import type { RawHeaders } from '../core/call.ts';
import type { Tokens } from '../core/events.ts';
import { answerBytesMax } from '../core/limits.ts';
import type { TransportError } from '../core/transport.ts';
import { classifyStream } from '../wire/classify-stream.ts';
import { collectedAnswer } from '../wire/collect.ts';
import { withoutHeaders } from '../wire/headers.ts';
import { MessageStream } from '../wire/message-stream.ts';
import { streamTokens } from '../wire/usage.ts';
import { brokenConnection, type FollowingReceiver, faultFailure, type ReceiverContext } from './receiver.ts';

const streamHeaders = new Set(['content-type', 'content-length', 'cache-control']);

/**
 * Follows a stream for a caller who asked for an answer in one piece (R12): nothing is sent until
 * it is whole, so that every break before that is invisible.
 */
export class CollectReceiver implements FollowingReceiver {
  readonly #headers: RawHeaders;
  readonly #context: ReceiverContext;
  readonly #stream: MessageStream;

  constructor(headers: RawHeaders, context: ReceiverContext) {
    this.#headers = headers;
    this.#context = context;
    this.#stream = new MessageStream({ transcript: context.recovery.said, keepsAll: true });
  }

  get progress(): number {
    return this.#stream.progress;
  }

  get started(): boolean {
    return this.#stream.started;
  }

  get stopped(): boolean {
    return this.#stream.stopped;
  }

  get tokens(): Tokens | null {
    return streamTokens(this.#stream);
  }

  data(chunk: Uint8Array): void {
    const stream = this.#stream;
    const { verdict } = this.#context;
    stream.feed(chunk);
    if (stream.releasable > 0) verdict.good();
    const { fault } = stream;
    if (fault !== null && !this.#finish()) verdict.broke(faultFailure(fault, this.#headers, this.#context));
    else if (stream.bytes > answerBytesMax)
      verdict.broke(classifyStream('protocol', this.#headers, 'the answer is over 64 MiB'));
  }

  end(): void {
    if (!this.#finish())
      this.#context.verdict.broke(classifyStream(this.#stream.bytes === 0 ? 'empty' : 'truncated', this.#headers));
  }

  failed(error: TransportError): void {
    if (!this.#finish()) this.#context.verdict.broke(brokenConnection(error, this.#headers, this.#context));
  }

  silent(): void {
    if (!this.#finish()) this.#context.verdict.broke(classifyStream('stalled', this.#headers));
  }

  /** @returns false when the answer is not complete */
  #finish(): boolean {
    if (!this.#stream.complete) return false;
    const { delivery, verdict, recovery } = this.#context;
    const answer = collectedAnswer(recovery.said);
    if (answer === null) {
      // Arguments that end in the middle: how the API itself shows them in one piece, only it can tell.
      const fault = { kind: 'tool-json', message: 'The arguments of a tool are not JSON.', body: null } as const;
      verdict.broke(faultFailure(fault, this.#headers, this.#context));
      return true;
    }
    const headers = withoutHeaders(this.#headers, streamHeaders);
    delivery.head(200, [...headers, 'content-type', 'application/json', 'content-length', String(answer.length)]);
    delivery.write(answer);
    delivery.end();
    verdict.whole();
    return true;
  }
}
