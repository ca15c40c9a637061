import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** One request as a hand-made upstream meets it. */
export interface Visit {
  /** 1 for the first. */
  readonly index: number;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Empty where the upstream reads bodies itself. */
  readonly body: Buffer;
  /** Resolves when the connection of this exchange has closed, or its answer has gone out. */
  readonly closed: Promise<void>;
}

export interface Upstream {
  readonly url: string;
  readonly visits: readonly Visit[];
  /** The visit of that number, once it is there. */
  visit(index: number): Promise<Visit>;
}

/**
 * An upstream on a free port that answers as the test says; closed after the test.
 * @param readsBody false: the answer begins while the body is still unread
 */
export async function openUpstream(
  context: TestContext,
  answer: (visit: Visit) => void = () => {},
  readsBody = true,
): Promise<Upstream> {
  const visits: Visit[] = [];
  const awaited: (() => void)[] = [];
  const server = createServer({ keepAliveTimeout: 600_000 }, async (request, response) => {
    const chunks: Buffer[] = [];
    if (readsBody) for await (const chunk of request) chunks.push(chunk);
    const closed = new Promise<void>((resolve) => response.once('close', resolve));
    const visit = { index: visits.length + 1, request, response, body: Buffer.concat(chunks), closed };
    visits.push(visit);
    answer(visit);
    for (const look of awaited) look();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const visit = (index: number) =>
    new Promise<Visit>((resolve) => {
      const look = () => {
        const found = visits[index - 1];
        if (found !== undefined) resolve(found);
      };
      awaited.push(look);
      look();
    });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, visits, visit };
}

export const json = { 'content-type': 'application/json', 'request-id': 'req_011Test' };
export const sse = { 'content-type': 'text/event-stream', 'request-id': 'req_011Test' };
export const message = '{"type":"message","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn"}';
export const overloaded = '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}';
export const limited = '{"type":"error","error":{"type":"rate_limit_error","message":"Slow down"}}';

export function refuseOverloaded({ response }: Visit): void {
  response.writeHead(529, json).end(overloaded);
}

export function answerWhole({ response }: Visit): void {
  response.writeHead(200, json).end(message);
}
