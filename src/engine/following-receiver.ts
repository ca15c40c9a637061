import type { RawHeaders } from '../core/call.ts';
import type { Tokens } from '../core/events.ts';
import type { Failure } from '../core/outcome.ts';
import type { TransportError } from '../core/transport.ts';
import { classifyErrorEvent } from '../wire/classify.ts';
import { classifyStream } from '../wire/classify-stream.ts';
import { unfinishedError } from '../wire/message-event.ts';
import type { MessageStream } from '../wire/message-stream.ts';
import { streamTokens } from '../wire/usage.ts';
import { brokenConnection, faultFailure, type Receiver, type ReceiverContext } from './receiver.ts';
/**
 * What all receivers that follow a stream have in common: the clocks can tell progress from pings by
 * them, and whatever ends the stream, an answer that is complete is finished as one.
 */
export abstract class FollowingReceiver implements Receiver {
  protected readonly stream: MessageStream;
  protected readonly headers: RawHeaders;
  protected readonly context: ReceiverContext;

  constructor(stream: MessageStream, headers: RawHeaders, context: ReceiverContext) {
    this.stream = stream;
    this.headers = headers;
    this.context = context;
  }

  abstract data(chunk: Uint8Array): void;

  /** Ends the answer for the caller. @returns false when it is not complete */
  protected abstract finish(): boolean;

  /** See `MessageStream`. */
  get progress(): number {
    return this.stream.progress;
  }

  /** See `MessageStream`. */
  get started(): boolean {
    return this.stream.started;
  }

  /** See `MessageStream`. */
  get stopped(): boolean {
    return this.stream.stopped;
  }

  get tokens(): Tokens | null {
    return streamTokens(this.stream);
  }

  end(): void {
    this.#ended(classifyStream(this.stream.bytes === 0 ? 'empty' : 'truncated', this.headers));
  }

  failed(error: TransportError): void {
    this.#ended(brokenConnection(error, this.headers, this.context));
  }

  silent(): void {
    this.#ended(classifyStream('stalled', this.headers));
  }

  /** However a stream ends: an error that was its last word says why. */
  #ended(failure: Failure): void {
    const error = unfinishedError(this.stream.unfinished);
    this.broke(error === null ? failure : classifyErrorEvent(error, this.headers, this.context.clock.now()));
  }

  /** What goes wrong after the end of the answer no longer concerns the caller. */
  protected faulted(): void {
    const { fault } = this.stream;
    if (fault !== null) this.broke(faultFailure(fault, this.headers, this.context));
  }

  protected broke(failure: Failure): void {
    if (!this.finish()) this.context.verdict.broke(failure);
  }
}
