import type { Call, Flow, RawHeaders, Reply } from '../core/call.ts';
import { answerBytesMax } from '../core/limits.ts';
import type { Engine } from '../engine/engine.ts';

/** A whole answer. */
export interface Answer {
  readonly status: number;
  readonly headers: RawHeaders;
  readonly body: Uint8Array;
}

/**
 * Has a call served, and keeps the answer. Answers to Messages come through the engine whole, and bounded; of others
 * what is larger than `bytesMax` ends the call: an upstream that streams for ever must not fill our memory.
 * @param onFlow is handed the call's flow at once, to end it with
 * @param bytesMax default what an answer in one piece may have
 * @returns null when the answer broke off, or was too large
 */
export function collectAnswer(
  engine: Engine,
  call: Call,
  onFlow: (flow: Flow) => void,
  bytesMax: number = answerBytesMax,
): Promise<Answer | null> {
  return new Promise((resolve) => {
    let chunks: Uint8Array[] = [];
    let bytes = 0;
    let head: Pick<Answer, 'status' | 'headers'> | null = null;
    let flow: Flow | null = null;
    const reply: Reply = {
      head: (status, headers) => {
        head = { status, headers };
      },
      write: (chunk) => {
        bytes += chunk.length;
        if (bytes > bytesMax) {
          chunks = [];
          resolve(null);
          flow?.abort();
        }
        // A copy: the engine may hand out views on a buffer that is filled again.
        else chunks.push(Uint8Array.from(chunk));
        return true;
      },
      end: () => resolve(head && { ...head, body: Buffer.concat(chunks) }),
      destroy: () => resolve(null),
    };
    flow = engine.handle(call, reply);
    if (bytes > bytesMax) flow.abort();
    onFlow(flow);
  });
}
