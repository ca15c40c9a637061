import type { IncomingMessage } from 'node:http';
import type { StreamBody } from '../core/call.ts';
import type { BodyRoom } from './body-room.ts';
import type { Upload, UploadWatch } from './upload-watch.ts';

/** Why a body will not be read to its end. */
export type BodyFault = 'tooLarge' | 'uploadTimeout' | 'crowded';

export interface BodyOptions {
  readonly bytesMax: number;
  readonly watch: UploadWatch;
  /** Says `100 Continue` if the caller waits for it. */
  readonly invite: () => void;
  /** Called at most once; nothing more is kept of the body then. */
  readonly refuse: (fault: BodyFault) => void;
}

/** The length that the head announces; null for chunked bodies. Node has refused all but digits. */
export function announcedBytes(request: IncomingMessage): number | null {
  const length = request.headers['content-length'];
  return length === undefined ? null : Number(length);
}

/** True when the head announces a body at all. */
export function hasBody(request: IncomingMessage): boolean {
  return request.headers['transfer-encoding'] !== undefined || (announcedBytes(request) ?? 0) > 0;
}

/** A body that is read into memory, and handed over when it is whole. */
export class WholeBody implements Upload {
  readonly #options: BodyOptions;
  readonly #room: BodyRoom;
  readonly #chunks: Uint8Array[] = [];
  /** Taken from the room, and not given back yet. */
  #heldBytes = 0;
  #dropped = false;
  readonly hungry = true;
  bytes = 0;
  bytesBefore: number | null = null;
  place = -1;

  constructor(request: IncomingMessage, options: BodyOptions, room: BodyRoom, done: (body: Uint8Array) => void) {
    this.#options = options;
    this.#room = room;
    options.watch.add(this);
    request.on('data', (chunk: Uint8Array) => this.#take(chunk));
    request.on('end', () => {
      options.watch.delete(this);
      if (!this.#dropped) done(this.#whole());
    });
    options.invite();
  }

  starved(): void {
    this.#refuse('uploadTimeout');
  }

  /** Gives its memory back: the answer has been sent, or the caller has left. */
  drop(): void {
    this.#dropped = true;
    this.#chunks.length = 0;
    this.#room.free(this.#heldBytes);
    this.#heldBytes = 0;
    this.#options.watch.delete(this);
  }

  #take(chunk: Uint8Array): void {
    this.bytes += chunk.length;
    if (this.#dropped) return;
    if (this.bytes > this.#options.bytesMax) this.#refuse('tooLarge');
    else if (!this.#room.take(chunk.length)) this.#refuse('crowded');
    else {
      this.#heldBytes += chunk.length;
      this.#chunks.push(chunk);
    }
  }

  #refuse(fault: BodyFault): void {
    if (this.#dropped) return;
    this.drop();
    this.#options.refuse(fault);
  }

  #whole(): Uint8Array {
    const [first] = this.#chunks;
    return this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks, this.bytes);
  }
}

/** As much is read ahead of the reader: so that small uploads never stop, and a caller that leaves is noticed. */
const aheadBytesMax = 256 * 1024;

type Pull = { resolve(result: IteratorResult<Uint8Array>): void; reject(error: Error): void };

/**
 * A body that is handed on as it arrives, once. It is read only a little ahead of whoever asks for
 * the next chunk, which is how the upstream's backpressure reaches the caller. Node's own iterator would
 * close the socket, and with it the answer, when the reader stops early.
 */
export class UploadStream implements StreamBody, Upload, AsyncIterableIterator<Uint8Array> {
  readonly chunks = this;
  readonly lengthBytes: number | null;
  readonly #request: IncomingMessage;
  readonly #options: BodyOptions;
  readonly #ready: Uint8Array[] = [];
  #readyBytes = 0;
  #pull: Pull | null = null;
  #invited = false;
  #error: Error | null = null;
  #ended = false;
  bytes = 0;
  bytesBefore: number | null = null;
  place = -1;

  constructor(request: IncomingMessage, options: BodyOptions) {
    this.lengthBytes = announcedBytes(request);
    this.#request = request;
    this.#options = options;
    options.watch.add(this);
    request.on('data', (chunk: Uint8Array) => this.#take(chunk));
    request.on('end', () => this.#finish(null));
    request.on('close', () => this.#finish(new Error('the caller left while it was sending its body')));
  }

  get hungry(): boolean {
    return this.#pull !== null;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    const chunk = this.#ready.shift();
    if (chunk !== undefined) {
      this.#readyBytes -= chunk.length;
      if (this.#readyBytes < aheadBytesMax) this.#request.resume();
      return Promise.resolve({ value: chunk, done: false });
    }
    if (this.#error !== null) return Promise.reject(this.#error);
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    if (!this.#invited) this.#options.invite();
    this.#invited = true;
    return new Promise((resolve, reject) => {
      this.#pull = { resolve, reject };
    });
  }

  /** The reader wants no more; what still comes is for whoever answers the caller to discard. */
  return(): Promise<IteratorResult<Uint8Array>> {
    this.#ready.length = 0;
    this.#finish(null);
    return Promise.resolve({ value: undefined, done: true });
  }

  starved(): void {
    this.#refuse('uploadTimeout');
  }

  #take(chunk: Uint8Array): void {
    if (this.#ended) return;
    this.bytes += chunk.length;
    if (this.bytes > this.#options.bytesMax) {
      this.#refuse('tooLarge');
      return;
    }
    if (this.#pull === null) {
      this.#ready.push(chunk);
      this.#readyBytes += chunk.length;
      if (this.#readyBytes >= aheadBytesMax) this.#request.pause();
    } else {
      this.#pull.resolve({ value: chunk, done: false });
      this.#pull = null;
    }
  }

  #refuse(fault: BodyFault): void {
    this.#ready.length = 0;
    this.#finish(new Error('the body was refused while it was arriving'));
    this.#options.refuse(fault);
  }

  #finish(error: Error | null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#options.watch.delete(this);
    if (error === null) this.#pull?.resolve({ value: undefined, done: true });
    else this.#pull?.reject(error);
    this.#pull = null;
  }
}
