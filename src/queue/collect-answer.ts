import type { Call, Flow, RawHeaders, Reply } from '../core/call.ts';
import type { Engine } from '../engine/engine.ts';

/** A whole answer. */
export interface Answer {
  readonly status: number;
  readonly headers: RawHeaders;
  readonly body: Uint8Array;
}

/**
 * Has a call served, and keeps the answer. Answers in one piece come through the engine whole, and bounded.
 * @param onFlow is handed the call's flow at once, to end it with
 * @returns null when the answer broke off
 */
export function collectAnswer(engine: Engine, call: Call, onFlow: (flow: Flow) => void): Promise<Answer | null> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let head: Pick<Answer, 'status' | 'headers'> | null = null;
    const reply: Reply = {
      head: (status, headers) => {
        head = { status, headers };
      },
      write: (chunk) => {
        // A copy: the engine may hand out views on a buffer that is filled again.
        chunks.push(Uint8Array.from(chunk));
        return true;
      },
      end: () => resolve(head && { ...head, body: Buffer.concat(chunks) }),
      destroy: () => resolve(null),
    };
    onFlow(engine.handle(call, reply));
  });
}
