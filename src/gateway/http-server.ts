import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { RidethroughError } from '../core/errors.ts';
import type { Random } from '../core/random.ts';
import type { Problem } from '../engine/intake.ts';
import { problems, renderRawProblem } from './error-response.ts';
import { connectionsMax, serverOptions } from './http-limits.ts';
import type { SocketReply } from './node-http.ts';
import type { BoundAddress } from './own-address.ts';

type Serve = (request: IncomingMessage, response: ServerResponse, expects: boolean) => SocketReply;

/** Makes the HTTP server, not yet listening, and answers what never becomes a request. */
export function createHttpServer(random: Random, serve: Serve): { server: Server; settled(): Promise<void> } {
  const server = createServer(serverOptions);
  server.timeout = 0;
  // Node would silently drop the headers beyond 2,000; `maxHeaderSize` is the bound.
  server.maxHeadersCount = 0;
  server.maxConnections = connectionsMax;

  /** The reply to the newest request of each connection; null where it has been served. */
  const replies = new WeakMap<Duplex, SocketReply | null>();
  let unanswered = 0;
  let onSettled: (() => void) | null = null;
  const accept = (request: IncomingMessage, response: ServerResponse, expects: boolean) => {
    const { socket } = request;
    unanswered++;
    const reply = serve(request, response, expects);
    replies.set(socket, reply);
    reply.onClosed = () => {
      if (replies.get(socket) === reply) replies.set(socket, null);
      if (--unanswered === 0) onSettled?.();
    };
  };
  const settled = () =>
    new Promise<void>((resolve) => {
      onSettled = resolve;
      if (unanswered === 0) resolve();
    });

  server.on('request', (request, response) => accept(request, response, false));
  server.on('checkContinue', (request, response) => accept(request, response, true));
  // Other expectations may be ignored, and do not go upstream.
  server.on('checkExpectation', (request, response) => accept(request, response, false));
  server.on('connect', (_request, socket) => socket.end(renderRawProblem(problems.target, random.id())));
  server.on('clientError', (error: Error & { code?: string }, socket: Duplex) => {
    const problem = problemOf(error.code);
    const reply = replies.get(socket) ?? null;
    // Broken is either the body of the newest request, which may still be answered, or what stands
    // behind it: then bytes of ours would be taken for the answer to it.
    if (reply?.breakOff(problem)) return;
    if (reply === null && socket.writable && error.code !== 'ECONNRESET') {
      socket.end(renderRawProblem(problem, random.id()));
    } else socket.destroy();
  });
  return { server, settled };
}

function problemOf(code: string | undefined): Problem {
  if (code === 'HPE_HEADER_OVERFLOW') return problems.headersTooLarge;
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return problems.uploadTimeout;
  return problems.malformed;
}

/**
 * Listens, and tells where.
 * @throws RidethroughError `port_in_use` or `invalid_usage`
 */
export function listen(server: Server, host: string, port: number): Promise<BoundAddress> {
  return new Promise((resolve, reject) => {
    const onError = (cause: Error & { code?: string }) => reject(listenError(cause, host, port));
    server.once('error', onError);
    server.listen({ host, port }, () => {
      server.off('error', onError);
      const address = server.address();
      if (address === null || typeof address === 'string') return;
      resolve({ address: address.address, port: address.port });
    });
  });
}

function listenError(cause: Error & { code?: string }, host: string, port: number): RidethroughError {
  if (cause.code === 'EADDRINUSE') {
    const message = `Port ${port} on ${host} is in use: stop the program that has it, or choose another with --port.`;
    return new RidethroughError('port_in_use', message, { cause });
  }
  const message = `Port ${port} on ${host} cannot be listened on (${cause.code ?? cause.message}): choose another host or port.`;
  return new RidethroughError('invalid_usage', message, { cause });
}
