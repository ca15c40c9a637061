import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type ResponseHandler, ResponseReader } from './response-reader.ts';

/** A keep-alive connection that carries one request at a time. */
export class Connection {
  /** What the current response is told to. */
  handler: ResponseHandler = { body: () => {}, end: () => {} };
  readonly #socket: Socket;
  #status = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const reader = new ResponseReader({
      head: (status) => {
        this.#status = status;
      },
      body: (bytes) => this.handler.body(bytes),
      end: () => this.handler.end(),
    });
    socket.on('data', (chunk: Buffer) => reader.feed(chunk));
  }

  /** Connects to a port of the loopback. A connection that breaks ends the benchmark, with the reason. */
  static async open(port: number): Promise<Connection> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    const connection = new Connection(socket);
    socket.on('error', (error) => {
      throw error;
    });
    return connection;
  }

  /** Opens several at once. */
  static openAll(port: number, count: number): Promise<Connection[]> {
    return Promise.all(Array.from({ length: count }, () => Connection.open(port)));
  }

  send(request: Buffer): void {
    this.#socket.write(request);
  }

  /** Status of the latest response. */
  get status(): number {
    return this.#status;
  }

  close(): void {
    this.#socket.destroy();
  }
}
