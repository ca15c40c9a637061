import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, type Dispatcher } from 'undici';

// The least that a proxy in Node can do, and the fastest way to do it: `node:http` in, undici's
// dispatcher out, raw headers, bytes as they come, backpressure both ways, nothing kept. What our
// gateway costs is measured against this.
//
//     node bench/passthrough.ts http://127.0.0.1:PORT

const origin = process.argv[2] ?? '';
const agent = new Agent({ allowH2: false, headersTimeout: 0, bodyTimeout: 0 });
const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding', 'host']);

/** Headers that concern both ends, by name and value in turn. */
function endToEnd(raw: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const [name = '', value = ''] = [raw[i], raw[i + 1]];
    if (!hopByHop.has(name.toLowerCase())) kept.push(name, value);
  }
  return kept;
}

function pass(request: IncomingMessage, response: ServerResponse): void {
  let abort: (() => void) | null = null;
  const handler = {
    onConnect(abortUpstream: () => void) {
      abort = abortUpstream;
    },
    onHeaders(status: number, headers: Buffer[], resume: () => void) {
      response.writeHead(status, endToEnd(headers.map((header) => header.toString('latin1'))));
      response.on('drain', resume);
      return true;
    },
    onData: (chunk: Buffer) => response.write(chunk),
    onComplete: () => response.end(),
    onError: () => response.destroy(),
  };
  response.on('close', () => {
    if (!response.writableFinished) abort?.();
  });
  const { method = 'GET', url: path = '/', rawHeaders } = request;
  const options = {
    origin,
    method: method as Dispatcher.HttpMethod,
    path,
    headers: endToEnd(rawHeaders),
    body: request,
  };
  agent.dispatch(options, handler as Dispatcher.DispatchHandler);
}

const server = createServer({ keepAliveTimeout: 120_000, requestTimeout: 0 }, pass);
server.listen(0, '127.0.0.1', 4096, () => {
  console.log(`passing on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
