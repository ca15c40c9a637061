import type { RawHeaders } from '../../core/call.ts';
import type { Frame } from './events.ts';
import type { JsonObject } from './message.ts';
import type { Refusal } from './refusals.ts';

/** A request as the simulated API reads it. */
export interface ApiRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
  /** The body, parsed; null where it is none, or no JSON object. */
  readonly json: JsonObject | null;
  /** From the body; null where it names none. */
  readonly model: string | null;
  /** True when the body asks for a stream. */
  readonly stream: boolean;
  /** Equal for equal bodies. */
  readonly bodySha256: string;
}

/** What the API answers when nothing goes wrong; a refusal is such an answer too. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  /** Besides those that every answer has. */
  readonly headers: RawHeaders;
  readonly body: string | Uint8Array;
  /** The events of a streamed answer, which then has no `body`. */
  readonly frames: readonly Frame[] | null;
}

/** A JSON answer. */
export function jsonAnswer(value: object, headers: RawHeaders = []): Answer {
  return { status: 200, contentType: 'application/json', headers, body: JSON.stringify(value), frames: null };
}

/** A refusal in the API's envelope. Never worth a retry, and it says so. */
export function refusalAnswer(refusal: Refusal, requestId: string, headers: RawHeaders = []): Answer {
  return {
    status: refusal.status,
    contentType: 'application/json',
    headers: refusal.status === 429 ? headers : ['x-should-retry', 'false', ...headers],
    body: errorBody(refusal.type, refusal.message, requestId, refusal.code),
    frames: null,
  };
}

/** The API's error envelope as JSON text. @param code `error.details.error_code`; default no details */
export function errorBody(type: string, message: string, requestId: string, code?: string): string {
  const details = code === undefined ? {} : { details: { error_code: code } };
  return JSON.stringify({ type: 'error', error: { type, message, ...details }, request_id: requestId });
}

/** A Ray ID of the edge, as good as drawn by lot: sixteen hexadecimal digits and an airport. */
export function rayId(requestId: string): string {
  const digits = [...requestId.slice(-16)].map((character) => (character.charCodeAt(0) & 15).toString(16));
  return `${digits.join('')}-FRA`;
}
