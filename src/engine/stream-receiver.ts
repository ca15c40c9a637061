import type { RawHeaders } from '../core/call.ts';
import { streamBytesMax } from '../core/limits.ts';
import { classifyStream } from '../wire/classify-stream.ts';
import { messageStopEvent } from '../wire/envelope.ts';
import { withoutHeaders } from '../wire/headers.ts';
import { MessageStream } from '../wire/message-stream.ts';
import { FollowingReceiver } from './following-receiver.ts';
import type { ReceiverContext } from './receiver.ts';
import { asksForEagerTools, releasesWholeText } from './release-wishes.ts';

const lengthHeader: ReadonlySet<string> = new Set(['content-length']);

/**
 * Follows an event stream and passes on, unmodified, what `MessageStream` says may go. What is held
 * stays here as raw bytes, so that a failure before the first real delta leaves no trace.
 */
export class StreamReceiver extends FollowingReceiver {
  readonly #held: Uint8Array[] = [];
  #releasedTo = 0;

  constructor(headers: RawHeaders, context: ReceiverContext) {
    const { call, splicer, recovery } = context;
    const stream = new MessageStream({
      wholeText: releasesWholeText(call),
      byDelta: call.release === 'delta',
      liveThinking: call.thinking === 'stream',
      // What a continuation says is written down by the splicer, as the caller gets it.
      ...(splicer === null ? { transcript: recovery.said } : {}),
    });
    // Pings, a seam, a terminator of ours: the length that the upstream names may not be ours.
    super(stream, withoutHeaders(headers, lengthHeader), context);
  }

  data(chunk: Uint8Array): void {
    const stream = this.stream;
    stream.feed(chunk);
    if (stream.started) this.context.splicer?.begin();
    const broken = stream.fault?.kind === 'tool-json';
    if (broken && this.#mayPassBrokenTools()) {
      if (this.context.passBrokenTools) this.context.verdict.warn('the arguments of a tool are not JSON');
      stream.pass();
    }
    this.#release(chunk);
    const failure = this.context.splicer?.failure;
    if (failure) return this.context.verdict.broke(classifyStream('protocol', this.headers, failure));
    if (stream.bytes > streamBytesMax) return this.#endless();
    this.faulted();
  }

  /** Continued it would go on for ever. */
  #endless(): void {
    this.context.recovery.said.opaque = true;
    this.broke(classifyStream('protocol', this.headers, 'the stream is over 256 MiB'));
  }

  /**
   * Arguments that are no JSON are asked for again once. With eager input streaming the API itself
   * permits them.
   */
  #mayPassBrokenTools(): boolean {
    return this.context.passBrokenTools || asksForEagerTools(this.context.call);
  }

  /** The answer is complete once its stop reason is there; a missing terminator is ours to add. */
  protected finish(): boolean {
    const { delivery, verdict, splicer } = this.context;
    if (!this.stream.complete || splicer?.failure) return false;
    if (!this.stream.stopped) delivery.write(messageStopEvent);
    delivery.end();
    verdict.whole();
    return true;
  }

  #release(chunk: Uint8Array): void {
    const { releasable, bytes } = this.stream;
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
    const { delivery, verdict, splicer } = this.context;
    verdict.good();
    const bytes = splicer === null ? chunk : splicer.feed(chunk);
    if (bytes.length === 0) return;
    delivery.head(200, this.headers);
    delivery.write(bytes);
    if (delivery.blocked) verdict.pause();
  }
}
