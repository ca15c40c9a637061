import type { RawHeaders } from '../core/call.ts';
import { outOfDescriptors } from '../core/connection-codes.ts';
import type { Failure } from '../core/outcome.ts';
import type { TransportError } from '../core/transport.ts';
import { requestIdOf } from './error-body.ts';
import { quotable } from './redact.ts';

/** What stood when an exchange broke below HTTP. */
export interface TransportContext {
  /** Size of the request body; null when it was sent chunked. */
  readonly bodyBytes: number | null;
  /** `Endpoint.bodyBytesMax`. */
  readonly bodyBytesMax: number;
  /** Head of the response; null when none had come. */
  readonly headers: RawHeaders | null;
}

type Shape = Pick<Failure, 'class' | 'action' | 'type' | 'status' | 'message' | 'permanent'>;

/** Certificates that no retry makes valid, by what may be wrong. */
const untrusted: ReadonlySet<string> = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
  'CERT_CHAIN_TOO_LONG',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
]);
const outOfTime: ReadonlySet<string> = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);
const wrongName: ReadonlySet<string> = new Set(['ERR_TLS_CERT_ALTNAME_INVALID', 'HOSTNAME_MISMATCH']);

/** No connection in time. */
const connectTimeouts: ReadonlySet<string> = new Set(['UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT', 'connect_timeout']);
/** A connection, but no answer in time; `first_byte_timeout` is the engine's own clock. */
const answerTimeouts: ReadonlySet<string> = new Set([
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'first_byte_timeout',
]);
/** How a connection that the other side has closed shows itself. */
const resets: ReadonlySet<string> = new Set(['EPIPE', 'ECONNRESET', 'UND_ERR_SOCKET']);

/** True where the other side has closed the connection. */
export function isReset({ code }: TransportError): boolean {
  return resets.has(code);
}

/** Judges an exchange that broke below HTTP: no connection, a reset, a certificate, one of our own clocks. */
export function classifyTransport(error: TransportError, context: TransportContext): Failure {
  return {
    ...shapeOf(error, context),
    code: error.code,
    waitMs: null,
    cooldown: false,
    requestId: context.headers === null ? null : requestIdOf(context.headers, null),
    headers: [],
    body: null,
  };
}

function shapeOf(error: TransportError, context: TransportContext): Shape {
  const { code, message } = error;
  const isTooLarge = context.headers === null && (context.bodyBytes ?? 0) > context.bodyBytesMax;
  // A server that reads no further may close the connection while the body is being sent (RFC 9110 §15.5.14).
  if (isTooLarge && isReset(error)) {
    return {
      class: 'request',
      action: 'surface',
      type: 'request_too_large',
      status: 413,
      message: `The upstream closed the connection while a body of ${context.bodyBytes} bytes was being sent; the limit is ${context.bodyBytesMax} bytes.`,
      permanent: true,
    };
  }
  const advice = certificateAdvice(code);
  const seen = `${code}: ${quotable(message)}`;
  if (advice !== null) {
    const says = `The upstream's certificate was refused (${seen}); ${advice}.`;
    return { class: 'tls', action: 'surface', type: 'api_error', status: 502, message: says, permanent: true };
  }
  const passing = { action: 'retry', permanent: false } as const;
  if (answerTimeouts.has(code)) {
    const says = `The upstream did not answer in time (${seen}).`;
    return { ...passing, class: 'timeout', type: 'timeout_error', status: 504, message: says };
  }
  if (connectTimeouts.has(code)) {
    const says = `No connection to the upstream came about in time (${seen}).`;
    return { ...passing, class: 'network', type: 'timeout_error', status: 504, message: says };
  }
  if (outOfDescriptors.has(code)) {
    const says = `This machine has too many files and sockets open for another connection (${code}); raise the limit, for instance with ulimit -n.`;
    return { ...passing, class: 'network', type: 'api_error', status: 502, message: says };
  }
  // `HPE_…`: the bytes that came are no HTTP.
  const kind = code.startsWith('HPE_') ? 'protocol' : 'network';
  const says = `The connection to the upstream failed (${seen}).`;
  return { ...passing, class: kind, type: 'api_error', status: 502, message: says };
}

function certificateAdvice(code: string): string | null {
  if (untrusted.has(code)) return "if a proxy inspects TLS here, name its CA's file in NODE_EXTRA_CA_CERTS";
  if (outOfTime.has(code))
    return "check this machine's clock; if it is right, the upstream has to renew its certificate";
  if (wrongName.has(code)) return "check the host name in the upstream's url";
  return null;
}
