import type { JsonObject } from './json.ts';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;

/** What an error envelope of our own may tell beside type and message. */
export interface EnvelopeDetails {
  /** `error.details.error_code`: `ECONNRESET`, `stream_truncated`… */
  readonly code?: string | null;
  /** The upstream's request id, or the `ridethrough-id` where nothing was ever sent (R7). */
  readonly requestId?: string | null;
}

/** An error body in the API's own form, for failures that came without one. */
export function errorEnvelope(type: string, message: string, details: EnvelopeDetails = {}): Uint8Array {
  const code = details.code ?? null;
  return Buffer.from(
    JSON.stringify({
      type: 'error',
      error: { type, message, details: code === null ? null : { error_code: code } },
      request_id: details.requestId ?? null,
    }),
  );
}

/** An `error` event whose data is the given JSON body. */
export function errorEvent(body: Uint8Array): Uint8Array {
  const data = Uint8Array.from(body);
  // Between JSON tokens a line break is white space, and inside a string it cannot stand raw.
  for (let i = 0; i < data.length; i++) {
    if (data[i] === lineFeed || data[i] === carriageReturn) data[i] = space;
  }
  return Buffer.concat([Buffer.from('event: error\ndata: '), data, Buffer.from('\n\n')]);
}

/** An event of a Messages stream as the API writes it. */
export function messageEvent(type: string, data: JsonObject): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
}

/** One `ping`, as the API sends it. Shared: must not be written to. */
export const pingEvent: Uint8Array = Buffer.from('event: ping\ndata: {"type": "ping"}\n\n');

/** The terminator of a Messages stream. Shared: must not be written to. */
export const messageStopEvent: Uint8Array = Buffer.from('event: message_stop\ndata: {"type":"message_stop"}\n\n');
