import type { RawHeaders } from '../core/call.ts';
import { headerOf } from './headers.ts';
import { isJsonObject, type JsonObject, parseJson, textOf, withoutBom } from './json.ts';

/** What an error body says, read from the innermost envelope of those that relays wrap around it. */
export interface ErrorBody {
  /** The body as a JSON object; null when it is none. */
  readonly json: JsonObject | null;
  /** True where the body reports an error, under whatever status it came. */
  readonly isError: boolean;
  /** `error.type`, whatever stands there. */
  readonly type: string | null;
  /** `error.details.error_code`. */
  readonly code: string | null;
  /** The HTTP status that the body names, as other clouds and relays do, 400 to 599. */
  readonly status: number | null;
  readonly message: string | null;
  readonly requestId: string | null;
}

/** Relays were seen to wrap twice; more than that is not an error but an attack on the reader. */
const depthMax = 3;

/** Reads an error body of the API, of Cloudflare, of Google (object or array) or of a relay. Never throws. */
export function readErrorBody(bytes: Uint8Array): ErrorBody {
  const value = parseJson(textOf(withoutBom(bytes)));
  if (isJsonObject(value)) return { json: value, isError: isErrorObject(value), ...factsOf(value, 0) };
  // Google streams an array of which the first element is the envelope.
  const first: unknown = Array.isArray(value) ? value[0] : undefined;
  if (isJsonObject(first)) return { json: null, isError: isErrorObject(first), ...factsOf(first, 0) };
  return { json: null, isError: false, type: null, code: null, status: null, message: null, requestId: null };
}

/** True for a body that reports an error, under whatever status it came. */
export function isErrorObject(json: JsonObject): boolean {
  return json.type === 'error' || isJsonObject(json.error) || typeof json.error === 'string';
}

/** The id by which the upstream can find the request: its own header, the body, then those of other clouds. */
export function requestIdOf(headers: RawHeaders, body: ErrorBody | null): string | null {
  return (
    headerOf(headers, 'request-id') ??
    body?.requestId ??
    headerOf(headers, 'x-request-id') ??
    headerOf(headers, 'apim-request-id') ??
    headerOf(headers, 'x-amzn-requestid')
  );
}

function factsOf(envelope: JsonObject, depth: number): Omit<ErrorBody, 'json' | 'isError'> {
  const error = isJsonObject(envelope.error) ? envelope.error : envelope;
  const details = isJsonObject(error.details) ? error.details : {};
  const metadata = isJsonObject(error.metadata) ? error.metadata : {};
  // `title` and `detail`: RFC 9457, as Cloudflare sends it.
  const message = firstString(error.message, envelope.error, envelope.title, envelope.detail);
  const facts = {
    type: firstString(error.type),
    code: firstString(details.error_code),
    status: firstStatus(error.code, error.status, envelope.status, envelope.statusCode, envelope.status_code),
    message,
    requestId: firstString(envelope.request_id),
  };
  // `metadata.raw`: what OpenRouter got from the provider.
  const inner = depth === depthMax ? null : (embeddedEnvelope(message) ?? embeddedEnvelope(metadata.raw));
  if (inner === null) return facts;
  const within = factsOf(inner, depth + 1);
  return {
    type: within.type ?? facts.type,
    code: within.code ?? facts.code,
    status: within.status ?? facts.status,
    message: within.message ?? facts.message,
    requestId: facts.requestId ?? within.requestId,
  };
}

/** An error envelope that a relay put into its own message as JSON text, with or without words around it. */
function embeddedEnvelope(message: unknown): JsonObject | null {
  if (typeof message !== 'string') return null;
  const start = message.indexOf('{');
  if (start === -1) return null;
  const value = parseJson(message.slice(start, message.lastIndexOf('}') + 1));
  return isJsonObject(value) && isErrorObject(value) ? value : null;
}

function firstString(...values: unknown[]): string | null {
  for (const value of values) if (typeof value === 'string' && value !== '') return value;
  return null;
}

/** Relays write a status as a number and as text; what stands beside it may be any other code. */
function firstStatus(...values: unknown[]): number | null {
  for (const value of values) {
    const status = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
    if (typeof status === 'number' && Number.isInteger(status) && status >= 400 && status < 600) return status;
  }
  return null;
}
