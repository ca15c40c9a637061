import { errorEnvelope } from '../../wire/envelope.ts';
import { isJsonObject } from '../../wire/json.ts';
import type { MessageEvent } from '../../wire/message-event.ts';
import { readMessageEvent } from '../../wire/message-event.ts';
import { SseScanner } from '../../wire/sse.ts';

/** How an answer ended that began well. */
export interface AnswerEnd {
  /** `end_turn`, `max_tokens`, `refusal`…; null when the answer says none. */
  readonly stopReason: string | null;
  /** The JSON of an error; null where the answer is whole. */
  readonly failure: Uint8Array | null;
}

/** Reads a streamed answer to its end, and tells of its text piece by piece. */
export async function readStream(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  onText: (text: string) => void,
): Promise<AnswerEnd> {
  const scanner = new SseScanner();
  let stopReason: string | null = null;
  const take = (event: MessageEvent): Uint8Array | null => {
    if (event.type === 'content_block_delta' && typeof event.delta.text === 'string') onText(event.delta.text);
    if (event.type === 'message_delta') stopReason = event.stopReason;
    return event.type === 'error' ? (event.body ?? new Uint8Array()) : null;
  };
  try {
    for await (const chunk of body) {
      scanner.push(chunk);
      while (scanner.next()) {
        const failure = take(readMessageEvent(scanner.bytes, scanner.start, scanner.end));
        if (failure !== null) return { stopReason, failure };
      }
    }
  } catch {
    // The connection is gone: what has been printed is all there is.
    return { stopReason, failure: errorEnvelope('api_error', 'The answer broke off.') };
  }
  return { stopReason, failure: null };
}

/** The text of a whole answer, and why it ended. */
export function readMessage(message: unknown): { readonly text: string; readonly stopReason: string | null } {
  const { content, stop_reason: stopReason } = isJsonObject(message) ? message : {};
  const blocks = Array.isArray(content) ? content.filter(isJsonObject) : [];
  const texts = blocks.map((block) => (typeof block.text === 'string' ? block.text : ''));
  return { text: texts.join(''), stopReason: typeof stopReason === 'string' ? stopReason : null };
}
