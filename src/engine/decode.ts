import {
  type BrotliDecompress,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
  type Gunzip,
  type Inflate,
} from 'node:zlib';
import type { RawHeaders } from '../core/call.ts';
import type { TransportError } from '../core/transport.ts';
import { codingsOf, withoutHeaders } from '../wire/headers.ts';
import { guarded } from './guarded.ts';
import type { Receiver } from './receiver.ts';

const decoders = new Map<string, () => Gunzip | Inflate | BrotliDecompress>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
  ['zstd', createZstdDecompress],
]);

/** Relays were seen to compress what was compressed already; more than that is an attack on the reader. */
const codingsMax = 3;

const codedHeaders = new Set(['content-encoding', 'content-length']);

/** Takes a body as it is once decoded. */
export type Decoded = Pick<Receiver, 'data' | 'end' | 'failed'>;

/** Stands between an exchange and a receiver when the body comes compressed although nobody asked for it (R8). */
export interface Decoder {
  /** The response head as it is once decoded. */
  readonly headers: RawHeaders;
  /** @param onError told of what `decoded` throws: this is called by zlib, where nobody else would catch it */
  into(decoded: Decoded, onError: (error: unknown) => void): void;
  data(chunk: Uint8Array): void;
  end(): void;
  /** The reader is behind: a few bytes can become very many. */
  pause(): void;
  resume(): void;
  /** Nothing more is told to the receiver, whatever is still being decoded. */
  close(): void;
}

/** @returns null when the body is not coded, or in a way we do not know: it is then taken as it is */
export function decoderFor(headers: RawHeaders): Decoder | null {
  const codings = codingsOf(headers);
  if (codings.length === 0 || codings.length > codingsMax || !codings.every((coding) => decoders.has(coding)))
    return null;
  // What was done last is undone first.
  const chain = codings.reverse().flatMap((coding) => decoders.get(coding)?.() ?? []);
  const [first, last] = [chain[0], chain.at(-1)];
  if (first === undefined || last === undefined) return null;
  for (const [i, inflate] of chain.entries()) if (i > 0) chain[i - 1]?.pipe(inflate);
  return {
    headers: withoutHeaders(headers, codedHeaders),
    into(decoded, onError) {
      last.on(
        'data',
        guarded((chunk: Buffer) => decoded.data(chunk), onError),
      );
      last.on(
        'end',
        guarded(() => decoded.end(), onError),
      );
      const failed = guarded((error: NodeJS.ErrnoException) => decoded.failed(brokenCoding(error)), onError);
      for (const inflate of chain) inflate.on('error', failed);
    },
    data: (chunk) => void first.write(chunk),
    end: () => first.end(),
    pause: () => void last.pause(),
    resume: () => void last.resume(),
    close: () => {
      for (const inflate of chain) inflate.destroy();
    },
  };
}

function brokenCoding(error: NodeJS.ErrnoException): TransportError {
  return { code: error.code ?? 'DECODE', message: 'the compressed answer could not be decoded' };
}
