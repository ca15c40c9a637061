import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ApiRequest } from './api/answering.ts';
import { isObject, type JsonObject } from './api/message.ts';

/**
 * Reads a request body into memory. One over `bytesMax` is read to its end all the same, but not kept:
 * a client that is still sending would miss the answer.
 */
export function readBody(request: IncomingMessage, bytesMax: number): Promise<Uint8Array | 'too-long' | 'aborted'> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    request.on('data', (chunk: Uint8Array) => {
      bytes += chunk.length;
      if (bytes <= bytesMax) chunks.push(chunk);
      else chunks.length = 0;
    });
    request.on('end', () => {
      const only = chunks.length === 1 ? chunks[0] : undefined;
      resolve(bytes > bytesMax ? 'too-long' : (only ?? Buffer.concat(chunks)));
    });
    request.on('close', () => resolve('aborted'));
  });
}

/** The request as the simulated API reads it. */
export function toApiRequest(
  request: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  body: Uint8Array,
): ApiRequest {
  const json = parse(body);
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers,
    body,
    json,
    model: typeof json?.model === 'string' ? json.model : null,
    stream: json?.stream === true,
    bodySha256: createHash('sha256').update(body).digest('hex'),
  };
}

const openingBrace = 0x7b;

/** Uploads are no JSON and may be large: only what begins like an object, white space aside, is parsed. */
function parse(body: Uint8Array): JsonObject | null {
  if (body.find((byte) => byte > 0x20) !== openingBrace) return null;
  try {
    const value: unknown = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString());
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
