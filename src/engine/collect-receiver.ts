import type { RawHeaders } from '../core/call.ts';
import { answerBytesMax } from '../core/limits.ts';
import { classifyStream } from '../wire/classify-stream.ts';
import { collectedAnswer } from '../wire/collect.ts';
import { withoutHeaders } from '../wire/headers.ts';
import { MessageStream } from '../wire/message-stream.ts';
import { withoutThinking } from '../wire/strip-thinking.ts';
import { FollowingReceiver } from './following-receiver.ts';
import { faultFailure, type ReceiverContext } from './receiver.ts';

const streamHeaders = new Set(['content-type', 'content-length', 'cache-control']);

/**
 * Follows a stream for a caller who asked for an answer in one piece (R12): nothing is sent until
 * it is whole, so that every break before that is invisible.
 */
export class CollectReceiver extends FollowingReceiver {
  constructor(headers: RawHeaders, context: ReceiverContext) {
    super(new MessageStream({ transcript: context.recovery.said, keepsAll: true }), headers, context);
  }

  data(chunk: Uint8Array): void {
    const stream = this.stream;
    const { verdict } = this.context;
    stream.feed(chunk);
    if (stream.releasable > 0) verdict.good();
    if (stream.fault !== null) this.faulted();
    else if (stream.bytes > answerBytesMax)
      verdict.broke(classifyStream('protocol', this.headers, 'the answer is over 64 MiB'));
  }

  /** @returns false when the answer is not complete */
  protected finish(): boolean {
    if (!this.stream.complete) return false;
    const { delivery, verdict, recovery, splicer } = this.context;
    const whole = collectedAnswer(recovery.said);
    // What is collected is never continued: there is a splicer only to leave out the thinking.
    const answer = whole === null || splicer === null ? whole : withoutThinking(whole);
    if (answer === null) {
      // Arguments that end in the middle, deltas of a new kind: how they look in one piece, only the API can tell.
      const fault = { kind: 'tool-json', message: 'The stream cannot be told in one piece.', body: null } as const;
      verdict.broke(faultFailure(fault, this.headers, this.context));
      return true;
    }
    const headers = withoutHeaders(this.headers, streamHeaders);
    delivery.head(200, [...headers, 'content-type', 'application/json', 'content-length', String(answer.length)]);
    delivery.write(answer);
    delivery.end();
    verdict.whole();
    return true;
  }
}
