import type { Call, Flow, RawHeaders, Reply } from '../core/call.ts';
import type { Engine } from '../engine/engine.ts';
import { isJsonObject, type JsonObject, parseJson, textOf } from '../wire/json.ts';

/** An answer that was read to its end. */
export interface Asked {
  readonly status: number;
  readonly headers: RawHeaders;
  readonly body: Uint8Array;
}

/**
 * Asks the engine as a caller of its own, and keeps the answer.
 * @param onFlow is handed the call's flow at once, to end it with
 * @returns null when the answer broke off in the middle
 */
export function ask(engine: Engine, call: Call, onFlow: (flow: Flow) => void): Promise<Asked | null> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let head: { readonly status: number; readonly headers: RawHeaders } | null = null;
    const reply: Reply = {
      head(status, headers) {
        head = { status, headers };
      },
      write(chunk) {
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

/** The JSON object that an answer's body is; null where it is none. */
export function jsonOf({ body }: Asked): JsonObject | null {
  const value = parseJson(textOf(body));
  return isJsonObject(value) ? value : null;
}
