import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

/** What a socket carries at the moment. */
export interface Carried {
  exchange: CarriedExchange | null;
  /** Ends the connection. */
  close(): void;
}

/** An exchange, as far as its socket is concerned. */
export interface CarriedExchange {
  /** Its request is about to be written. @param reused the socket was used before */
  started(carried: Carried, reused: boolean): void;
  /** The upstream has ended the connection: what has come of the answer is all there will be. */
  drain(): void;
}

const carriedBy = new WeakMap<Socket, Carried>();
let connecting: CarriedExchange | null = null;

/** The next socket that is written to, in this same synchronous step, carries this exchange. */
export function expectSocket(exchange: CarriedExchange): void {
  connecting = exchange;
}

// undici does not tell a handler which socket it got. It announces it on this channel, in the same
// synchronous step as `onConnect`, which is how a reused socket is known from a new one.
subscribe('undici:client:sendHeaders', (message) => {
  const { socket } = message as { socket: Socket };
  const known = carriedBy.get(socket);
  const carried = known ?? watch(socket);
  carried.exchange = connecting;
  connecting = null;
  carried.exchange?.started(carried, known !== undefined);
});

/**
 * undici 7 asserts that an answer is not paused when its connection ends, in an event that nobody can
 * catch: a reader that is slow would end the process. (Mended in undici 8; nodejs/undici#5360.) So what
 * is paused goes on just before undici looks: after an orderly end what came is handed over, and what
 * was reset has nothing more to read.
 */
function watch(socket: Socket): Carried {
  const carried: Carried = { exchange: null, close: () => void socket.destroy(new Error('aborted')) };
  carriedBy.set(socket, carried);
  const parser = parserOf(socket);
  const release = () => {
    if (parser !== null) parser.paused = false;
  };
  socket.prependListener('end', () => carried.exchange?.drain());
  socket.prependListener('error', release);
  socket.prependListener('close', release);
  return carried;
}

/** undici's own parser of this socket; null where a version of it keeps none there. */
function parserOf(socket: Socket): { paused: boolean } | null {
  const symbol = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'parser');
  const parser: unknown = symbol === undefined ? null : Reflect.get(socket, symbol);
  return typeof parser === 'object' && parser !== null && 'paused' in parser ? (parser as { paused: boolean }) : null;
}
