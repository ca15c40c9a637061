import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { parseConfig } from '../../src/config/load.ts';
import type { Call, Flow, Reply } from '../../src/core/call.ts';
import { type Clock, systemClock } from '../../src/core/clock.ts';
import type { OwnEndpoint } from '../../src/core/endpoint.ts';
import type { Figure } from '../../src/core/figure.ts';
import { seededRandom } from '../../src/core/random.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { type Gateway, startGateway } from '../../src/gateway/server.ts';

export type Serve = (call: Call, reply: Reply) => Flow;

export interface Setup {
  /** What the engine does with a call; default: `answerOk`. */
  readonly serve?: Serve;
  readonly yaml?: string;
  readonly env?: Record<string, string>;
  readonly host?: string;
  readonly bufferedBytesMax?: number;
  readonly clock?: Clock;
  readonly drain?: () => Promise<void>;
  /** Calls that the engine says it serves; default 0. */
  readonly running?: () => number;
  readonly endpoints?: readonly OwnEndpoint[];
  readonly figures?: readonly Figure[];
}

export interface Harness {
  readonly gateway: Gateway;
  /** Calls that reached the engine. */
  readonly calls: Call[];
}

export const idleFlow: Flow = { resume() {}, abort() {} };

/** Answers every call with a small JSON body. */
export const answerOk: Serve = (_call, reply) => {
  reply.head(200, ['content-type', 'application/json', 'content-length', '11']);
  reply.write(Buffer.from('{"ok":true}'));
  reply.end();
  return idleFlow;
};

/** A gateway on a free port whose engine is a hand-made one; closed after the test. */
export async function openGateway(context: TestContext, setup: Setup = {}): Promise<Harness> {
  const calls: Call[] = [];
  const { serve = answerOk, drain = async () => {} } = setup;
  const engine: Engine = {
    handle(call, reply) {
      calls.push(call);
      return serve(call, reply);
    },
    drain,
    gauges: {
      get running() {
        return setup.running?.() ?? 0;
      },
      waiting: 0,
    },
    routes: () => [],
  };
  const gateway = await startGateway({
    host: setup.host ?? '127.0.0.1',
    port: 0,
    config: parseConfig(setup.yaml ?? '', 'test.yaml', { env: setup.env ?? {}, upstream: null }),
    createEngine: () => engine,
    ...(setup.bufferedBytesMax === undefined ? {} : { bufferedBytesMax: setup.bufferedBytesMax }),
    clock: setup.clock ?? systemClock,
    random: seededRandom(1),
    endpoints: setup.endpoints ?? [],
    figures: setup.figures ?? [],
  });
  context.after(() => {
    for (const socket of dialed) socket.destroy();
    dialed.clear();
    return gateway.close();
  });
  return { gateway, calls };
}

const dialed = new Set<Socket>();

/** Opens a raw connection to a port of this machine; destroyed before the gateway is closed. */
export function dial(port: number): Socket {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  // What a test expects of a broken connection it reads from the bytes and the close.
  socket.on('error', () => {});
  dialed.add(socket);
  return socket;
}

/** Sends bytes on a connection of its own and reads until the other side closes. */
export async function raw(port: number, bytes: string | Uint8Array): Promise<string> {
  const socket = dial(port);
  socket.write(bytes);
  return readToClose(socket);
}

export function readToClose(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  return new Promise((resolve) => socket.once('close', () => resolve(text)));
}

/** Reads until the bytes so far satisfy `enough`. */
export function readUntil(socket: Socket, enough: (text: string) => boolean): Promise<string> {
  let text = '';
  return new Promise((resolve, reject) => {
    const onData = (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (enough(text)) {
        socket.off('data', onData).off('close', onClose);
        resolve(text);
      }
    };
    const onClose = () => reject(new Error(`the connection closed after: ${text}`));
    socket.on('data', onData).once('close', onClose);
  });
}

/** A value that a test waits for. */
export function promised<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

const messageBody = '{"model":"claude-opus-5-5","max_tokens":8,"messages":[{"role":"user","content":"hi"}]}';

/** The bytes of a Messages request. */
export function messagesRequest(headers: readonly string[] = [], body = messageBody): string {
  const lines = ['POST /v1/messages HTTP/1.1', 'host: 127.0.0.1', `content-length: ${body.length}`, ...headers];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

export const post = (headers: Record<string, string> = {}, body: RequestInit['body'] = messageBody): RequestInit => ({
  method: 'POST',
  headers,
  body,
});
