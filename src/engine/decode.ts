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
import { headerOf, withoutHeaders } from '../wire/headers.ts';
import { guarded } from './guarded.ts';
import type { Receiver } from './receiver.ts';

const decoders = new Map<string, () => Gunzip | Inflate | BrotliDecompress>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
  ['zstd', createZstdDecompress],
]);

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
  const coding = headerOf(headers, 'content-encoding')?.trim().toLowerCase();
  const create = coding === undefined ? undefined : decoders.get(coding);
  if (create === undefined) return null;
  const inflate = create();
  return {
    headers: withoutHeaders(headers, codedHeaders),
    into(decoded, onError) {
      const on = <T extends unknown[]>(event: string, tell: (...told: T) => void) =>
        inflate.on(event, guarded(tell, onError));
      on('data', (chunk: Buffer) => decoded.data(chunk));
      on('end', () => decoded.end());
      on('error', (error: NodeJS.ErrnoException) => decoded.failed(brokenCoding(error)));
    },
    data: (chunk) => void inflate.write(chunk),
    end: () => inflate.end(),
    pause: () => void inflate.pause(),
    resume: () => void inflate.resume(),
    close: () => void inflate.destroy(),
  };
}

function brokenCoding(error: NodeJS.ErrnoException): TransportError {
  return { code: error.code ?? 'DECODE', message: 'the compressed answer could not be decoded' };
}
