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
import type { Receiver } from './receiver.ts';

const decoders = new Map<string, () => Gunzip | Inflate | BrotliDecompress>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
  ['zstd', createZstdDecompress],
]);

const codedHeaders = new Set(['content-encoding', 'content-length']);

/** Stands between an exchange and a receiver when the body comes compressed although nobody asked for it (R8). */
export interface Decoder {
  /** The response head as it is once decoded. */
  readonly headers: RawHeaders;
  into(receiver: Receiver): void;
  data(chunk: Uint8Array): void;
  end(): void;
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
    into(receiver) {
      inflate.on('data', (chunk: Buffer) => receiver.data(chunk));
      inflate.on('end', () => receiver.end());
      inflate.on('error', (error: NodeJS.ErrnoException) => receiver.failed(brokenCoding(error)));
    },
    data: (chunk) => void inflate.write(chunk),
    end: () => inflate.end(),
    close: () => void inflate.destroy(),
  };
}

function brokenCoding(error: NodeJS.ErrnoException): TransportError {
  return { code: error.code ?? 'DECODE', message: 'the compressed answer could not be decoded' };
}
