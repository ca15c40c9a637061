import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import {
  answer,
  floodEvent,
  httpChunk,
  lastChunk,
  stampedEvent,
  streamHead,
  streamStart,
  streamStop,
} from './messages.ts';

/** Each paced stream gets an event this often. */
export const paceMs = 100;

const start = httpChunk(streamStart);
const stop = Buffer.concat([httpChunk(streamStop), lastChunk]);
const flood = httpChunk(floodEvent);

/** The API of the benchmark: raw sockets and rendered bytes, so that it is not what is measured. */
export interface Upstream {
  readonly url: string;
  readonly port: number;
  /** Ends every paced stream properly. */
  endPaced(): void;
  close(): void;
}

/** Starts it on a free port of the loopback. */
export async function startUpstream(): Promise<Upstream> {
  const paced = new Pacer();
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A proxy that closes its idle connections is no failure of the benchmark.
    socket.on('error', () => socket.destroy());
    readRequests(socket, (target) => {
      const events = /[?&]flood=(?<events>\d+)/.exec(target)?.groups?.events;
      if (target.includes('?paced')) paced.add(socket);
      else if (events === undefined) socket.write(answer);
      else void writeFlood(socket, Number(events));
    });
  });
  server.listen(0, '127.0.0.1', 4096);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    endPaced: () => paced.end(),
    close() {
      paced.end();
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Tells the target of each request once its body has come whole. */
function readRequests(socket: Socket, onRequest: (target: string) => void): void {
  let kept: Buffer | null = null;
  socket.on('data', (chunk: Buffer) => {
    let rest = kept === null ? chunk : Buffer.concat([kept, chunk]);
    kept = null;
    while (rest.length > 0) {
      const headEnd = rest.indexOf('\r\n\r\n');
      const head = headEnd === -1 ? '' : rest.toString('latin1', 0, headEnd);
      const length = Number(/\r\ncontent-length: *(?<length>\d+)/i.exec(head)?.groups?.length ?? 0);
      const end = headEnd + 4 + length;
      if (headEnd === -1 || rest.length < end) {
        kept = rest;
        return;
      }
      rest = rest.subarray(end);
      onRequest(head.slice(0, head.indexOf('\r\n')));
    }
  });
}

/** One write an event, as a real stream comes, and no more than the reader takes. */
async function writeFlood(socket: Socket, events: number): Promise<void> {
  socket.write(streamHead);
  socket.write(start);
  for (let i = 0; i < events && !socket.destroyed; i++) {
    if (!socket.write(flood)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
    else await new Promise((resolve) => setImmediate(resolve));
  }
  socket.write(stop);
}

/** Writes an event to each of its streams every `paceMs`, spread evenly over that time. */
class Pacer {
  readonly #streams: Socket[] = [];
  #timer: NodeJS.Timeout | null = null;
  #nextAt = 0;
  #due = 0;
  #lastMs = 0;

  add(socket: Socket): void {
    socket.write(streamHead);
    socket.write(start);
    this.#streams.push(socket);
    if (this.#timer !== null) return;
    this.#lastMs = performance.now();
    this.#timer = setInterval(() => this.#tick(), 1);
  }

  end(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    for (const socket of this.#streams.splice(0)) socket.write(stop);
  }

  #tick(): void {
    const nowMs = performance.now();
    this.#due += ((nowMs - this.#lastMs) / paceMs) * this.#streams.length;
    this.#lastMs = nowMs;
    for (; this.#due >= 1; this.#due--) {
      this.#nextAt = (this.#nextAt + 1) % this.#streams.length;
      const socket = this.#streams[this.#nextAt];
      if (socket?.writable) socket.write(httpChunk(stampedEvent(performance.now() * 1000)));
    }
  }
}
