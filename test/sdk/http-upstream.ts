import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** A server on a free port of the loopback, closed after the test. */
export async function openUpstream(
  context: TestContext,
  serve: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer(serve).listen(0, '127.0.0.1');
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The body of a Messages request. */
export const messagesBody = (more: object = {}): string =>
  JSON.stringify({
    model: 'claude-opus-5-5',
    max_tokens: 64,
    messages: [{ role: 'user', content: 'Hello' }],
    ...more,
  });

/** The second argument of a `fetch` that asks the Messages API. */
export const post = (body: string = messagesBody(), more: RequestInit = {}): RequestInit => ({
  method: 'POST',
  body,
  ...more,
  headers: { 'x-api-key': 'sk-ant-test', 'content-type': 'application/json', ...more.headers },
});
