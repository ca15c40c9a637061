import type { Body, RawHeaders } from '../core/call.ts';
import { bodyBytesMax } from '../core/limits.ts';
import { endpointOf } from '../wire/endpoints.ts';
import type { Target } from './target.ts';

/** A request as `fetch` was asked for it, in plain values. */
export interface PlainRequest {
  readonly target: Target;
  readonly method: string;
  readonly headers: RawHeaders;
  readonly body: Body;
  readonly signal: AbortSignal | null;
}

/** Those that `fetch` takes as they are; it refuses some others and changes the case of some. */
const plainMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Sent where the caller names none, as the platform's own `fetch` does. */
const defaultHeaders = [
  ['accept', '*/*'],
  ['user-agent', 'node'],
] as const;

/** The headers that these arguments of `fetch` give. */
export function givenHeaders(input: string | URL | Request, init: RequestInit): Headers {
  if (init.headers === undefined && input instanceof Request) return input.headers;
  return init.headers instanceof Headers ? init.headers : new Headers(init.headers);
}

/**
 * Takes the arguments of `fetch` apart. What SDKs send, a URL and a body that is text or bytes, needs
 * no `Request` object; everything else is normalised by one.
 * @param headers see `givenHeaders`
 * @throws TypeError for whatever `fetch` refuses
 */
export async function readRequest(
  target: Target,
  input: string | URL | Request,
  init: RequestInit,
  headers: Headers,
): Promise<PlainRequest> {
  const signal = signalOf(input, init);
  const { body = null } = init;
  const method = init.method ?? 'GET';
  const isPlain = body === null || typeof body === 'string' || body instanceof Uint8Array;
  const isWrong = body !== null && (method === 'GET' || method === 'HEAD');
  if (input instanceof Request || !isPlain || isWrong || !plainMethods.has(method)) {
    // The signal is listened to here: one that a `Request` derives can be collected while it is needed.
    const request = new Request(input, { ...init, signal: null });
    const read = await readBody(request, body, target, signal);
    return { target, method: request.method, headers: headersOf(request.headers, null), body: read, signal };
  }
  return { target, method, headers: headersOf(headers, body), body: bytesOf(body), signal };
}

function signalOf(input: string | URL | Request, init: RequestInit): AbortSignal | null {
  if (init.signal !== undefined) return init.signal;
  return input instanceof Request ? input.signal : null;
}

/** Bytes are copied, as `fetch` does: the caller may use its buffer again while we still retry. */
function bytesOf(body: string | Uint8Array | null): Uint8Array | null {
  return typeof body === 'string' ? Buffer.from(body) : body && new Uint8Array(body);
}

function headersOf(given: Headers, body: string | Uint8Array | null): RawHeaders {
  const headers: RawHeaders = [];
  // No body of ours is decoded before a caller reads it, so none may come coded.
  for (const [name, value] of given) if (name !== 'accept-encoding') headers.push(name, value);
  headers.push('accept-encoding', 'identity');
  for (const [name, value] of defaultHeaders) if (!given.has(name)) headers.push(name, value);
  if (typeof body === 'string' && !given.has('content-type')) headers.push('content-type', 'text/plain;charset=UTF-8');
  return headers;
}

/** Whole where it must be sent again or its length be known; a large upload goes out as it is read. */
async function readBody(
  request: Request,
  given: RequestInit['body'],
  target: Target,
  signal: AbortSignal | null,
): Promise<Body> {
  if (request.body === null) return null;
  const endpoint = endpointOf(request.method, target.path);
  if (endpoint.buffered || sizeOf(given) <= bodyBytesMax.messages) {
    return readWhole(request.body, endpoint.bodyBytesMax, signal);
  }
  return { chunks: request.body, lengthBytes: given instanceof Blob ? given.size : null };
}

/** Reads until the end, the caller's signal, or the first byte that is too many: a stream may have no end. */
async function readWhole(
  body: ReadableStream<Uint8Array>,
  bytesMax: number,
  signal: AbortSignal | null,
): Promise<Uint8Array> {
  const reader = body.getReader();
  const leave = () => void reader.cancel(signal?.reason).catch(() => {});
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  signal?.addEventListener('abort', leave);
  try {
    signal?.throwIfAborted();
    for (let part = await reader.read(); !part.done && bytes <= bytesMax; part = await reader.read()) {
      if (!(part.value instanceof Uint8Array)) throw new TypeError('The chunks of a body must be bytes.');
      chunks.push(part.value);
      bytes += part.value.length;
    }
    signal?.throwIfAborted();
  } finally {
    signal?.removeEventListener('abort', leave);
    leave();
  }
  return Buffer.concat(chunks);
}

/** Bytes in memory already, roughly; infinite for a stream, which nobody knows the length of. */
function sizeOf(body: RequestInit['body']): number {
  if (body instanceof Blob) return body.size;
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return body.byteLength;
  if (body instanceof URLSearchParams) return 0;
  if (!(body instanceof FormData)) return Number.POSITIVE_INFINITY;
  let bytes = 0;
  for (const [, value] of body) bytes += typeof value === 'string' ? value.length : value.size;
  return bytes;
}
