import type { RawHeaders } from '../core/call.ts';
import type { Tokens } from '../core/events.ts';
import type { TransportError } from '../core/transport.ts';
import { classifyStream } from '../wire/classify-stream.ts';
import { messageStopEvent } from '../wire/envelope.ts';
import { withoutHeaders } from '../wire/headers.ts';
import { MessageStream } from '../wire/message-stream.ts';
import { streamTokens } from '../wire/usage.ts';
import { brokenConnection, type FollowingReceiver, faultFailure, type ReceiverContext } from './receiver.ts';
import { asksForEagerTools, releasesWholeText } from './release-wishes.ts';

const lengthHeader: ReadonlySet<string> = new Set(['content-length']);

/**
 * Follows an event stream and passes on, unmodified, what `MessageStream` says may go. What is held
 * stays here as raw bytes, so that a failure before the first real delta leaves no trace.
 */
export class StreamReceiver implements FollowingReceiver {
  readonly #stream: MessageStream;
  readonly #headers: RawHeaders;
  readonly #context: ReceiverContext;
  readonly #held: Uint8Array[] = [];
  #releasedTo = 0;

  constructor(headers: RawHeaders, context: ReceiverContext) {
    // Pings, a seam, a terminator of ours: the length that the upstream names may not be ours.
    this.#headers = withoutHeaders(headers, lengthHeader);
    this.#context = context;
    const { call, splicer, recovery } = context;
    this.#stream = new MessageStream({
      wholeText: releasesWholeText(call),
      byDelta: call.release === 'delta',
      liveThinking: call.thinking === 'stream',
      // What a continuation says is written down by the splicer, as the caller gets it.
      ...(splicer === null ? { transcript: recovery.said } : {}),
    });
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
    stream.feed(chunk);
    if (stream.started) this.#context.splicer?.begin();
    const broken = stream.fault?.kind === 'tool-json';
    if (broken && this.#mayPassBrokenTools()) {
      if (this.#context.passBrokenTools) this.#context.verdict.warn('the arguments of a tool are not JSON');
      stream.pass();
    }
    this.#release(chunk);
    const failure = this.#context.splicer?.failure;
    if (failure) return this.#context.verdict.broke(classifyStream('protocol', this.#headers, failure));
    const { fault } = stream;
    // What goes wrong after the end of the answer no longer concerns the caller.
    if (fault !== null && !this.#finish())
      this.#context.verdict.broke(faultFailure(fault, this.#headers, this.#context));
  }

  end(): void {
    if (this.#finish()) return;
    const kind = this.#stream.bytes === 0 ? 'empty' : 'truncated';
    this.#context.verdict.broke(classifyStream(kind, this.#headers));
  }

  failed(error: TransportError): void {
    if (!this.#finish()) this.#context.verdict.broke(brokenConnection(error, this.#headers, this.#context));
  }

  silent(): void {
    if (!this.#finish()) this.#context.verdict.broke(classifyStream('stalled', this.#headers));
  }

  /**
   * Arguments that are no JSON are asked for again once. With eager input streaming the API itself
   * permits them.
   */
  #mayPassBrokenTools(): boolean {
    return this.#context.passBrokenTools || asksForEagerTools(this.#context.call);
  }

  /** The answer is complete once its stop reason is there; a missing terminator is ours to add. */
  #finish(): boolean {
    const { delivery, verdict, splicer } = this.#context;
    if (!this.#stream.complete || splicer?.failure) return false;
    if (!this.#stream.stopped) delivery.write(messageStopEvent);
    delivery.end();
    verdict.whole();
    return true;
  }

  #release(chunk: Uint8Array): void {
    const { releasable, bytes } = this.#stream;
    if (this.#held.length === 0 && releasable === bytes) {
      this.#releasedTo = bytes;
      this.#write(chunk);
      return;
    }
    this.#held.push(chunk);
    if (releasable > this.#releasedTo) this.#releaseTo(releasable);
  }

  #releaseTo(offset: number): void {
    let whole = 0;
    for (const chunk of this.#held) {
      const room = offset - this.#releasedTo;
      if (room < chunk.length) {
        if (room > 0) {
          this.#write(chunk.subarray(0, room));
          this.#held[whole] = chunk.subarray(room);
          this.#releasedTo = offset;
        }
        break;
      }
      this.#write(chunk);
      this.#releasedTo += chunk.length;
      whole++;
    }
    this.#held.splice(0, whole);
  }

  #write(chunk: Uint8Array): void {
    const { delivery, verdict, splicer } = this.#context;
    verdict.good();
    const bytes = splicer === null ? chunk : splicer.feed(chunk);
    if (bytes.length === 0) return;
    delivery.head(200, this.#headers);
    delivery.write(bytes);
    if (delivery.blocked) verdict.pause();
  }
}
